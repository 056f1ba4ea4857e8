/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One table a command. From it come the parsing, the help, the completions and the test that the
 * man page says the same.
 *
 * Options are GNU's: long and short, anywhere among the operands, "--" ends them, a value follows
 * as the next word or after '='. Not getopt_long(), because that accepts any unambiguous beginning
 * of a name, and listens to POSIXLY_CORRECT: a run must mean the same on every machine, and what
 * the log keeps must be what was meant. For the same reason an option with a value is given once,
 * but for those that name a list of files.
 */
#ifndef ATHAR_CMD_OPTION_H
#define ATHAR_CMD_OPTION_H

#include "athar/error.h"

typedef enum athar_option_type {
	ATHAR_OPTION_FLAG,   /* bool: true when given */
	ATHAR_OPTION_TEXT,   /* const char * */
	ATHAR_OPTION_PATH,   /* const char *, completed with files */
	ATHAR_OPTION_PATHS,  /* athar_paths, completed with files; may be given again */
	ATHAR_OPTION_FOLDER, /* const char *, completed with folders */
	ATHAR_OPTION_NUMBER, /* uint64_t, decimal */
	ATHAR_OPTION_SIZE,   /* uint64_t, as athar_text_parse_size() reads it */
	ATHAR_OPTION_CHOICE, /* const char *, one of `words` */
	ATHAR_OPTION_LIST,   /* const char *, some of `words` with commas between */
	ATHAR_OPTION_HASHES  /* unsigned, a mask of ATHAR_MD5 and its like */
} athar_option_type;

typedef struct athar_option {
	const char *name;     /* long, without dashes; NULL ends a table */
	char letter;          /* short, or 0 */
	const char *argument; /* what the value is called; NULL for a flag */
	athar_option_type type;
	size_t offset;     /* of the member in the command's values */
	const char *group; /* heading in the help */
	const char *help;  /* one line, no period */
	const char *words; /* "ewf,raw": what may be chosen, where that is fixed */
} athar_option;

#define ATHAR_PATHS_MOST 64

typedef struct athar_paths {
	const char *path[ATHAR_PATHS_MOST]; /* borrowed from argv, in order */
	size_t count;
} athar_paths;

typedef struct athar_operands {
	char **word; /* borrowed from argv, in order */
	size_t count;
} athar_operands;

/* Reads argv[0 .. argc) into the members of `values`. argv's words are reordered: the operands
 * come to its front. Stops without a failure at --help, so that help is had whatever follows. */
ATHAR_MUST athar_status athar_options_parse(athar_operands *out, const athar_option *table,
                                            void *values, int argc, char **argv, athar_error *err);

/* Of `count` names the one that `word` was probably meant to be, or NULL. */
const char *athar_option_nearest(const char *word, const char *const *names, size_t count);

/* True when `word` is one of the comma-separated words. */
bool athar_option_word(const char *words, const char *word, size_t len);

size_t athar_option_count(const athar_option *table);

#endif
