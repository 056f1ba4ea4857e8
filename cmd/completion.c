/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "help.h"

/* Calls `put` for each command that has options: the plain ones, and the parts of others. */
static void each_command(FILE *to, void (*put)(FILE *to, const athar_command *command))
{
	for (const athar_command *const *c = athar_commands; *c != NULL; c++) {
		if ((*c)->parts == NULL)
			put(to, *c);
		for (const athar_command *const *p = (*c)->parts; p != NULL && *p != NULL; p++)
			put(to, *p);
	}
}

/* "new" of "case new" */
static const char *last_word(const char *name)
{
	const char *space = strchr(name, ' ');

	return space != NULL ? space + 1 : name;
}

static void put_words(FILE *to, const char *words)
{
	for (; *words != '\0'; words++)
		(void)fputc(*words == ',' ? ' ' : *words, to);
}

static void put_names(FILE *to, const athar_command *const *commands)
{
	for (; *commands != NULL; commands++)
		(void)fprintf(to, "%s ", last_word((*commands)->name));
}

/* ---- bash ---- */

static void bash_values(FILE *to, const athar_command *command)
{
	for (const athar_option *o = command->options; o->name != NULL; o++) {
		if (o->words == NULL)
			continue;
		(void)fprintf(to, "\t'%s --%s') words='", command->name, o->name);
		put_words(to, o->words);
		(void)fputs("' ;;\n", to);
	}
}

static void bash_options(FILE *to, const athar_command *command)
{
	(void)fprintf(to, "\t'%s '*) [[ $current == -* ]] && words='", command->name);
	for (const athar_option *o = command->options; o->name != NULL; o++)
		(void)fprintf(to, "--%s ", o->name);
	(void)fputs("' ;;\n", to);
}

static void bash_parts(FILE *to)
{
	for (const athar_command *const *c = athar_commands; *c != NULL; c++) {
		if ((*c)->parts == NULL)
			continue;
		(void)fprintf(to, "\tif [ \"$command\" = %s ]; then\n", (*c)->name);
		(void)fputs("\t\t[ \"$COMP_CWORD\" -eq 2 ] && first='", to);
		put_names(to, (*c)->parts);
		(void)fputs("'\n\t\tcommand=\"$command ${COMP_WORDS[2]}\"\n\tfi\n", to);
	}
}

static void bash(FILE *to)
{
	(void)fputs("# bash completion for athar\n"
	            "_athar()\n{\n"
	            "\tlocal current=${COMP_WORDS[COMP_CWORD]}\n"
	            "\tlocal previous=${COMP_WORDS[COMP_CWORD-1]}\n"
	            "\tlocal command=${COMP_WORDS[1]} first='' words=''\n",
	            to);
	(void)fputs("\t[ \"$COMP_CWORD\" -eq 1 ] && first='", to);
	put_names(to, athar_commands);
	(void)fputs("--help --version'\n", to);
	bash_parts(to);
	(void)fputs("\tcase \"$command $previous\" in\n", to);
	each_command(to, bash_values);
	each_command(to, bash_options);
	(void)fputs("\tesac\n"
	            "\twords=${first:-$words}\n"
	            "\tCOMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
	            "}\n"
	            "complete -o default -F _athar athar\n",
	            to);
}

/* ---- zsh ---- */

/* Inside single quotes, and inside the brackets of _arguments. */
static void zsh_text(FILE *to, const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '\'')
			(void)fputs("'\\''", to);
		else if (strchr("[]:\\", *text) != NULL)
			(void)fprintf(to, "\\%c", *text);
		else
			(void)fputc(*text, to);
	}
}

static void zsh_action(FILE *to, const athar_option *o)
{
	(void)fprintf(to, ":%s:", o->argument);
	if (o->words != NULL) {
		(void)fputc('(', to);
		put_words(to, o->words);
		(void)fputc(')', to);
	} else if (o->type == ATHAR_OPTION_PATH || o->type == ATHAR_OPTION_PATHS) {
		(void)fputs("_files", to);
	} else if (o->type == ATHAR_OPTION_FOLDER) {
		(void)fputs("_files -/", to);
	} else {
		(void)fputc(' ', to);
	}
}

static void zsh_arguments(FILE *to, const athar_command *command)
{
	(void)fprintf(to, "\t'%s') _arguments", command->name);
	for (const athar_option *o = command->options; o->name != NULL; o++) {
		(void)fprintf(to, " \\\n\t\t'--%s[", o->name);
		zsh_text(to, o->help);
		(void)fputc(']', to);
		if (o->argument != NULL)
			zsh_action(to, o);
		(void)fputc('\'', to);
	}
	(void)fputs(" \\\n\t\t'*:file:_files' ;;\n", to);
}

static void zsh_list(FILE *to, const athar_command *const *commands)
{
	for (; *commands != NULL; commands++) {
		(void)fprintf(to, "\t\t'%s:", last_word((*commands)->name));
		zsh_text(to, (*commands)->summary);
		(void)fputs("'\n", to);
	}
}

static void zsh_parts(FILE *to)
{
	for (const athar_command *const *c = athar_commands; *c != NULL; c++) {
		if ((*c)->parts == NULL)
			continue;
		(void)fprintf(to, "\tif [[ $command == %s ]]; then\n\tparts=(\n", (*c)->name);
		zsh_list(to, (*c)->parts);
		(void)fputs("\t)\n"
		            "\tif (( CURRENT == 3 )); then _describe part parts; return; fi\n"
		            "\tcommand=\"$command $words[3]\"\n"
		            "\tshift words; (( CURRENT-- ))\n"
		            "\tfi\n",
		            to);
	}
}

static void zsh(FILE *to)
{
	(void)fputs("#compdef athar\n"
	            "_athar()\n{\n"
	            "\tlocal -a commands parts\n"
	            "\tlocal command=$words[2]\n"
	            "\tcommands=(\n",
	            to);
	zsh_list(to, athar_commands);
	(void)fputs("\t)\n"
	            "\tif (( CURRENT == 2 )); then _describe command commands; return; fi\n",
	            to);
	zsh_parts(to);
	(void)fputs("\tshift words; (( CURRENT-- ))\n"
	            "\tcase $command in\n",
	            to);
	each_command(to, zsh_arguments);
	(void)fputs("\tesac\n"
	            "}\n"
	            "_athar \"$@\"\n",
	            to);
}

/* ---- fish ---- */

static void fish_text(FILE *to, const char *text)
{
	(void)fputc('\'', to);
	for (; *text != '\0'; text++) {
		if (*text == '\'' || *text == '\\')
			(void)fputc('\\', to);
		(void)fputc(*text, to);
	}
	(void)fputc('\'', to);
}

/* -n '...': where every word of the command's name has been typed. */
static void fish_condition(FILE *to, const char *name)
{
	const size_t first = strcspn(name, " ");

	(void)fprintf(to, "complete -c athar -n '__fish_seen_subcommand_from %.*s", (int)first,
	              name);
	if (name[first] != '\0')
		(void)fprintf(to, "; and __fish_seen_subcommand_from %s", name + first + 1);
	(void)fputc('\'', to);
}

static void fish_options(FILE *to, const athar_command *command)
{
	for (const athar_option *o = command->options; o->name != NULL; o++) {
		fish_condition(to, command->name);
		(void)fprintf(to, " -l %s", o->name);
		if (o->letter != 0)
			(void)fprintf(to, " -s %c", o->letter);
		if (o->words != NULL) {
			(void)fputs(" -x -a '", to);
			put_words(to, o->words);
			(void)fputc('\'', to);
		} else if (o->argument != NULL) {
			(void)fputs(" -r", to);
		}
		(void)fputs(" -d ", to);
		fish_text(to, o->help);
		(void)fputc('\n', to);
	}
}

static void fish(FILE *to)
{
	(void)fputs("# fish completion for athar\n", to);
	for (const athar_command *const *c = athar_commands; *c != NULL; c++) {
		(void)fprintf(to, "complete -c athar -n __fish_use_subcommand -a %s -d ",
		              (*c)->name);
		fish_text(to, (*c)->summary);
		(void)fputc('\n', to);
		for (const athar_command *const *p = (*c)->parts; p != NULL && *p != NULL; p++) {
			fish_condition(to, (*c)->name);
			(void)fprintf(to, " -f -a %s -d ", last_word((*p)->name));
			fish_text(to, (*p)->summary);
			(void)fputc('\n', to);
		}
	}
	each_command(to, fish_options);
}

bool athar_completion_print(FILE *to, const char *shell)
{
	if (strcmp(shell, "bash") == 0)
		bash(to);
	else if (strcmp(shell, "zsh") == 0)
		zsh(to);
	else if (strcmp(shell, "fish") == 0)
		fish(to);
	else
		return false;
	return true;
}
