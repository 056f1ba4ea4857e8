/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The case folder and its custody log: athar-case(5) is the description, and everything in it can
 * be read with jq, grep and sha256sum.
 */
#ifndef ATHAR_CASE_H
#define ATHAR_CASE_H

#include "athar/context.h"
#include "athar/json.h"
#include "athar/watcher.h"

ATHAR_BEGIN

typedef struct athar_case athar_case;

/* Makes the folder (0700; its parent must exist, the folder must not, or must be empty), case.json
 * and the first custody line. `fields`: an object with any of number, description, request, people,
 * authorities, time_zone, lab; borrowed. Their forms are in athar-case(5); another key or form is
 * ATHAR_EUSAGE. A folder with something in it is ATHAR_EREFUSED. */
ATHAR_API ATHAR_MUST athar_status athar_case_new(const char *folder, const athar_json *fields,
                                                 const athar_context *context, athar_error *err);

/* Opens for work: checks the form of case.json, keeps no lock (each log line takes it for itself).
 * A torn last line of the log is answered with a recovery line. context is borrowed for the case's
 * life. ATHAR_EREFUSED when the log's file system has no working locks, and when others may write
 * into the folder. On a medium that cannot be written the case opens all the same, and
 * athar_case_writable is false: every line that should be added is then ATHAR_EREFUSED. */
ATHAR_API ATHAR_MUST athar_status athar_case_open(athar_case **out, const char *folder,
                                                  const athar_context *context, athar_error *err);
/* Opens for reading only; works on a read-only medium, never writes a line. */
ATHAR_API ATHAR_MUST athar_status athar_case_open_readonly(athar_case **out, const char *folder,
                                                           athar_error *err);
ATHAR_API void athar_case_close(athar_case *c);

ATHAR_API const char *athar_case_folder(const athar_case *c);
/* The content of case.json. */
ATHAR_API const athar_json *athar_case_fields(const athar_case *c);
/* True when log lines can be added. */
ATHAR_API bool athar_case_writable(const athar_case *c);
/* Is there a case at this path at all? */
ATHAR_API bool athar_case_exists(const char *folder);

/* Changes members of case.json; the log keeps old and new value. Keys as in athar_case_new; those
 * of nested objects with dots ("lab.name"). */
ATHAR_API ATHAR_MUST athar_status athar_case_set(athar_case *c, const char *key,
                                                 const athar_json *value, athar_error *err);
/* A free note in the log. */
ATHAR_API ATHAR_MUST athar_status athar_case_note(athar_case *c, const char *exhibit,
                                                  const char *text, athar_error *err);

/* ---- custody ---- */

/* Adds one line. `exhibit`: the id as on the label, or NULL; `data` (an object, may be NULL) is
 * taken over, also on failure. Durable on return. */
ATHAR_API ATHAR_MUST athar_status athar_custody_add(athar_case *c, const char *action,
                                                    const char *exhibit, athar_json *data,
                                                    athar_error *err);

/* How an action ended: the words of data.result in the line that ends it. */
#define ATHAR_RESULT_DONE "done"
#define ATHAR_RESULT_INCOMPLETE "incomplete" /* done, but something could not be examined */
#define ATHAR_RESULT_MISMATCH "mismatch"     /* done, and the answer is no */
#define ATHAR_RESULT_REFUSED "refused"       /* not done, to protect evidence */
#define ATHAR_RESULT_FAILED "failed"         /* could not be done */
#define ATHAR_RESULT_INTERRUPTED \
	"interrupted" /* stopped by the examiner; what was done is saved \
	               */
/* The word for how a verb ended. */
ATHAR_API const char *athar_custody_result(athar_status status);

/* Before evidence is touched: the line "ACTION.begin", with the command line as data.command. *seq
 * names it to athar_custody_end. `data` (an object, may be NULL) is taken over. */
ATHAR_API ATHAR_MUST athar_status athar_custody_begin(uint64_t *seq, athar_case *c,
                                                      const char *action, const char *exhibit,
                                                      athar_json *data, athar_error *err);
/* After it: the line "ACTION.end" with data.begin, data.result (one of ATHAR_RESULT_*; anything
 * else is ATHAR_EUSAGE) and data.files: the array of {name,sha256,size} of what was written, names
 * from the case folder on. `files` and `data` may be NULL and are taken over. */
ATHAR_API ATHAR_MUST athar_status athar_custody_end(athar_case *c, uint64_t begin,
                                                    const char *action, const char *exhibit,
                                                    const char *result, athar_json *files,
                                                    athar_json *data, athar_error *err);
/* The head of the log as it is now, without checking the chain: for the terminal and the paper
 * register. */
ATHAR_API ATHAR_MUST athar_status athar_custody_head(char head[65], const athar_case *c,
                                                     athar_error *err);

typedef struct athar_custody_state {
	uint64_t lines;
	char head[65];      /* SHA-256 of the last line with its LF; 64 zeros for none */
	uint64_t broken_at; /* number (from 1) of the first line that does not follow; 0: none does
	                       not */
	uint64_t open;      /* actions begun and never ended */
	bool torn;          /* the last line has no LF */
	char why[160];      /* of broken_at */
} athar_custody_state;

/* Reads the whole log and checks the chain, the sequence and the form of each line. A broken chain
 * is a result, not a failure: ATHAR_OK with broken_at set. */
ATHAR_API ATHAR_MUST athar_status athar_custody_check(athar_custody_state *out, const char *folder,
                                                      athar_error *err);

/* Calls `line` with each parsed line in order; stops at its first failure and returns it. */
ATHAR_API ATHAR_MUST athar_status athar_custody_each(
	const char *folder,
	athar_status (*line)(void *user, uint64_t number, const athar_json *line, athar_error *err),
	void *user, athar_error *err);

/* ---- exhibits ---- */

/* A name for the file system: letters, digits, '.', '_' and '-' of any script stay, the rest
 * becomes
 * '-'; never empty, never starting with '.', at most 120 bytes. "AB/1 (م/٣)" gives "AB-1-م-٣". */
ATHAR_API ATHAR_MUST athar_status athar_exhibit_slug(char **out, const char *id, athar_error *err);

/* Calls `exhibit` for each, sorted by slug: its slug and the content of exhibit.json. */
ATHAR_API ATHAR_MUST athar_status
athar_case_each_exhibit(const athar_case *c,
                        athar_status (*exhibit)(void *user, const char *slug,
                                                const athar_json *fields, athar_error *err),
                        void *user, athar_error *err);
/* The slug of the exhibit with this id (or slug), malloc'd; ATHAR_EUSAGE names those there are. A
 * NULL id is fine where the case has just one. */
ATHAR_API ATHAR_MUST athar_status athar_case_find_exhibit(char **slug, const athar_case *c,
                                                          const char *id, athar_error *err);
/* acquisition.json of an exhibit; yours to free. */
ATHAR_API ATHAR_MUST athar_status athar_case_acquisition(athar_json **out, const athar_case *c,
                                                         const char *slug, athar_error *err);
/* The path of its image, malloc'd: what athar_source_open takes. ATHAR_EFORMAT when there is none.
 */
ATHAR_API ATHAR_MUST athar_status athar_case_image(char **path, const athar_case *c,
                                                   const char *slug, athar_error *err);

ATHAR_END

#endif
