/* SPDX-License-Identifier: BSD-2-Clause */
#include "folder.h"

#include <string.h>
#include <sys/stat.h>

#include "ask.h"
#include "events.h"
#include "terminal.h"

athar_status athar_folder_decide(bool *make, const athar_call *call, const char *folder,
                                 athar_error *err)
{
	*make = !athar_case_exists(folder);
	if (!*make || !athar_ask_may(call))
		return ATHAR_OK;
	(void)fputs("There is no case at ", stderr);
	athar_terminal_put(stderr, folder);
	(void)fputs(".\n", stderr);
	if (athar_ask_yes(make, "Make a new case there?", false, err) != ATHAR_OK)
		return err->status;
	if (!*make)
		return athar_fail(err, ATHAR_EREFUSED, "there is no case at %s, and none was made",
		                  folder);
	return ATHAR_OK;
}

static void say_new(const athar_call *call, const char *folder)
{
	if (call->common->json) {
		athar_json *event = athar_json_object();

		athar_json_set_text(event, "text", "new case");
		athar_json_set_text(event, "case", folder);
		athar_event(call, "notice", event);
		return;
	}
	(void)fputs("new case ", stderr);
	athar_terminal_put(stderr, folder);
	(void)fputc('\n', stderr);
}

athar_status athar_folder_open(athar_case **out, const athar_call *call, const char *folder,
                               bool make, const athar_json *fields, athar_error *err)
{
	athar_json *none = NULL;

	if (make) {
		if (fields == NULL)
			fields = none = athar_json_object();
		const athar_status status = athar_case_new(folder, fields, &call->context, err);

		athar_json_free(none);
		if (status != ATHAR_OK)
			return status;
		say_new(call, folder);
	}
	return athar_case_open(out, folder, &call->context, err);
}

athar_status athar_folder_check_image(const char *path, athar_error *err)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return athar_fail_errno(err, "cannot open %s", path);
	if (!S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode))
		return athar_fail(err, ATHAR_EFORMAT, "%s is neither an image nor a device", path);
	return ATHAR_OK;
}
