/* SPDX-License-Identifier: BSD-2-Clause */
#include "help.h"

#include <string.h>

#define WIDEST 40

void athar_help_all(FILE *to)
{
	(void)fputs("usage: athar COMMAND [options] ...\n\n"
	            "From the evidence bag to the court file.\n\n"
	            "Commands:\n",
	            to);
	for (const athar_command *const *c = athar_commands; *c != NULL; c++)
		(void)fprintf(to, "  %-10s %s\n", (*c)->name, (*c)->summary);
	(void)fputs("\n"
	            "  athar COMMAND --help   its options; athar-COMMAND(1) has the rest\n"
	            "  athar --version        this program and the libraries it runs with\n",
	            to);
}

/* "  -j, --threads N" */
static int put_left(char *buf, size_t len, const athar_option *o)
{
	char letter[8] = "   ";

	if (o->letter != 0)
		(void)snprintf(letter, sizeof letter, "-%c,", o->letter);
	return snprintf(buf, len, "  %s --%s%s%s", letter, o->name, o->argument != NULL ? " " : "",
	                o->argument != NULL ? o->argument : "");
}

static int widest(const athar_option *table)
{
	char left[WIDEST + 1];
	int width = 0;

	for (const athar_option *o = table; o->name != NULL; o++) {
		const int n = put_left(left, sizeof left, o);

		if (n > width && n <= WIDEST)
			width = n;
	}
	return width;
}

static void put_options(FILE *to, const athar_option *table)
{
	const int width = widest(table);
	const char *group = "";
	char left[80];

	for (const athar_option *o = table; o->name != NULL; o++) {
		if (strcmp(group, o->group) != 0)
			(void)fprintf(to, "\n%s:\n", o->group);
		group = o->group;
		(void)put_left(left, sizeof left, o);
		(void)fprintf(to, "%-*s  %s\n", width, left, o->help);
	}
}

void athar_help_command(FILE *to, const athar_command *command)
{
	if (command->parts == NULL) {
		(void)fprintf(to, "usage: athar %s [options] %s\n\n%s\n", command->name,
		              command->operands, command->about);
		put_options(to, command->options);
		return;
	}
	(void)fprintf(to, "usage: athar %s %s\n\n%s\n\n", command->name, command->operands,
	              command->about);
	for (const athar_command *const *p = command->parts; *p != NULL; p++)
		(void)fprintf(to, "  athar %s [options] %s\n      %s\n", (*p)->name, (*p)->operands,
		              (*p)->summary);
}
