/* SPDX-License-Identifier: BSD-2-Clause */
#include "sample.h"

#include <sys/wait.h>

#include "base/alloc.h"
#include "base/files.h"
#include "case/exhibit.h"
#include "case/run.h"
#include "digest/digest.h"

#define NAME(text) \
	{ \
		text, sizeof text - 1 \
	}

const sample_name sample_hostile[] = {
	NAME("<script>alert(1)</script>.jpg"),
	NAME("invoice\xE2\x80\xAEgpj.exe"), /* U+202E: reads "invoiceexe.jpg" */
	NAME("\xFF\xFEnot\xC0text.doc"),
	NAME("=cmd|' /C calc'!A0"),
	NAME("two\nlines\r\nthree"),
	NAME("\x1B[2J\x1B]52;c;cm0gLXJm\x07 red"),
	NAME("\"><img src=x onerror=alert(1)>&amp;]]>"),
	NAME("\xEF\xBF\xBE\xEF\xBF\xBF nonchar"),
	NAME("zero\xE2\x80\x8Bwidth\xE2\x81\xA6isolate\xC2\x9B"),
	NAME("back\\slash\\x41\\u{202E}"),
	NAME("@SUM(1)"),
	NAME("-2+3"),
	NAME("+1"),
	NAME("\ttab"),
	NAME("\xD8\xB5\xD9\x88\xD8\xB1 "
             "\xD8\xA7\xD9\x84\xD8\xB9\xD8\xA7\xD8\xA6\xD9\x84\xD8\xA9.jpg"),
};
const size_t sample_hostile_count = ATHAR_COUNT(sample_hostile);

/* ---- the world ---- */

static int64_t sample_now(void *user)
{
	return *(const int64_t *)user;
}

const uint8_t *sample_image(void)
{
	static uint8_t image[SAMPLE_IMAGE_SIZE];

	athar_test_fill(image, sizeof image, 31);
	return image;
}

char *sample_save(const sample *s, const char *name, const char *text)
{
	athar_error err = ATHAR_ERROR_INIT;
	char *path = athar_join(s->top, name, &err);

	assert_non_null(path);
	assert_ok(athar_file_save(path, text, strlen(text), &err), err);
	return path;
}

char *sample_shell(const char *command, int *status)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	FILE *pipe = popen(command, "r");
	int c, ended;

	assert_non_null(out);
	assert_non_null(pipe);
	while ((c = fgetc(pipe)) != EOF)
		(void)fputc(c, out);
	(void)fclose(out);
	ended = pclose(pipe);
	ended = WIFEXITED(ended) ? WEXITSTATUS(ended) : 255;
	if (status != NULL)
		*status = ended;
	return text;
}

bool sample_has_tool(const char *name)
{
	char command[128];
	int status = 0;

	(void)snprintf(command, sizeof command, "command -v %s >/dev/null 2>&1", name);
	free(sample_shell(command, &status));
	return status == 0;
}

size_t sample_count(const char *text, const char *what)
{
	size_t count = 0;

	for (const char *at = text; (at = strstr(at, what)) != NULL; at += strlen(what))
		count++;
	return count;
}

/* ---- records ---- */

/* Parses a literal. Single quotes stand for double ones, so that records can be read here. */
static athar_json *record(const char *text)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_json *json = NULL;
	char *copy = strdup(text);

	assert_non_null(copy);
	for (char *p = copy; *p != '\0'; p++)
		*p = *p == '\'' ? '"' : *p;
	assert_ok(athar_json_parse(&json, copy, strlen(copy), &err), err);
	free(copy);
	return json;
}

static athar_json *case_fields(bool stated)
{
	if (!stated)
		return athar_json_object();
	return record("{'number':'2026/117','description':'Theft of a server\\nfrom an office',"
	              "'time_zone':'Asia/Bahrain',"
	              "'request':{'authority':'Public Prosecution','number':'PP-88',"
	              "'date':'2026-11-01','questions':['Which pictures were deleted?',"
	              "'When?']},"
	              "'authorities':[{'type':'search warrant','number':'W-5','issuer':'Court 2',"
	              "'scope':'all media','from':'2026-01-01','to':'2027-01-01',"
	              "'jurisdiction':'Manama'}],"
	              "'lab':{'name':'Digital Evidence Laboratory','address':'Street 1',"
	              "'accreditation':'none'},"
	              "'people':[{'id':'E-014','name':'A. Examiner','role':'examiner',"
	              "'qualification':'GCFE'}]}");
}

static const char *const exhibit_bare = "{'v':1,'id':'3/1'}";
static const char *const exhibit_stated =
	"{'v':1,'id':'3/1','description':'USB stick, black','seal':'S-77','condition':'unopened',"
	"'write_blocker':'T8u 0042'}";

static athar_json *acquisition(bool gaps)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_json *a =
		record("{'v':1,'exhibit':'3/1','source':{'path':'/dev/sdb','driver':'device',"
	               "'size':65536,'sector_size':512,'model':'Cruzer <b>',"
	               "'serial':'AA\\u202e01','read_only':true},"
	               "'settings':{'format':'raw','compression':'none','hashes':['sha256']},"
	               "'started':'2026-11-22T10:00:00Z','ended':'2026-11-22T10:05:00Z',"
	               "'image':{'name':'3-1.dd','segments':1,'bytes':65536,"
	               "'media_size':65536,'padded_bytes':0},"
	               "'read_back':'same','bad_bytes':0,'bad':[],"
	               "'confinement':'landlock 4, seccomp','host':'ws3',"
	               "'command':'athar acquire /dev/sdb'}");
	athar_json *hashes = athar_json_object();
	athar_json *versions = athar_json_object();
	char hex[65];

	assert_ok(athar_digest_sha256(hex, sample_image(), SAMPLE_IMAGE_SIZE, &err), err);
	athar_json_set_text(hashes, "sha256", hex);
	athar_json_set_text(versions, "libewf", "20140813");
	athar_json_set(a, "hashes", hashes);
	athar_json_set(a, "versions", versions);
	if (gaps) {
		athar_json_set_number(a, "bad_bytes", 1024);
		athar_json_set(a, "bad",
		               record("[{'offset':4096,'length':512,'kind':'bad'},{'offset':8192,'"
		                      "length':512,'kind':'bad'}]"));
		athar_json_set_text(a, "read_back", "not done");
	}
	return a;
}

static void save_record(athar_exhibit *x, const char *name, athar_json *json)
{
	athar_error err = ATHAR_ERROR_INIT;
	char *text = NULL;

	assert_ok(athar_json_pretty(&text, json, &err), err);
	assert_ok(athar_exhibit_save(x, name, text, strlen(text), &err), err);
	free(text);
	athar_json_free(json);
}

static void make_exhibit(athar_case *c, sample_options options)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_exhibit *x = NULL;
	athar_json *files = NULL;
	uint64_t begin = 0;

	assert_ok(athar_custody_begin(&begin, c, "acquire", "3/1", NULL, &err), err);
	assert_ok(athar_exhibit_new(&x, c, "3/1", &err), err);
	save_record(x, "exhibit.json", record(options.stated ? exhibit_stated : exhibit_bare));
	save_record(x, "acquisition.json", acquisition(options.gaps));
	assert_ok(athar_exhibit_save(x, "3-1.dd", sample_image(), SAMPLE_IMAGE_SIZE, &err), err);
	assert_ok(athar_exhibit_commit(&files, x, NULL, &err), err);
	athar_exhibit_close(x);
	assert_ok(
		athar_custody_end(c, begin, "acquire", "3/1", ATHAR_RESULT_DONE, files, NULL, &err),
		err);
}

/* ---- the run ---- */

static void set_path(athar_item *item, const void *bytes, size_t len)
{
	athar_error err = ATHAR_ERROR_INIT;

	item->path = athar_copy_bytes(bytes, len, &err);
	assert_non_null(item->path);
	item->path_len = len;
}

static void add_content(athar_run_writer *w, athar_item *item, uint64_t offset, size_t len)
{
	athar_error err = ATHAR_ERROR_INIT;
	bool is_new = false;

	assert_ok(athar_extents_add_data(&item->extents, offset, len, &err), err);
	assert_ok(athar_run_content_begin(w, &err), err);
	for (size_t i = 0; i < item->extents.count; i++)
		assert_ok(athar_run_content_write(w, sample_image() + item->extents.extent[i].image,
		                                  item->extents.extent[i].length, &err),
		          err);
	assert_ok(athar_run_add(w, item, "jpg", &is_new, &err), err);
	assert_true(is_new);
	athar_item_clear(item);
}

/* Two pieces, a known name, a FAT time whose zone nobody recorded. */
static void add_deleted(athar_run_writer *w)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_item item = ATHAR_ITEM_INIT;

	item.method = ATHAR_METHOD_METADATA;
	item.state = ATHAR_STATE_DELETED;
	item.grade = ATHAR_GRADE_INTACT;
	item.volume = 1;
	(void)snprintf(item.why, sizeof item.why, "the end marker stands where it belongs");
	(void)snprintf(item.type, sizeof item.type, "jpeg");
	(void)snprintf(item.address, sizeof item.address, "17");
	set_path(&item, "DCIM/IMG_0001.JPG", 17);
	item.times[0] = (athar_item_time){"modified", "fat", "unrecorded", 1700000000, 0};
	item.times[1] = (athar_item_time){"created", "ntfs.si", "utc", 1700000000, 500};
	item.time_count = 2;
	assert_ok(athar_extents_add_data(&item.extents, 1024, 3000, &err), err);
	add_content(w, &item, 20480, 700);
}

static void add_carved(athar_run_writer *w)
{
	athar_item item = ATHAR_ITEM_INIT;

	item.method = ATHAR_METHOD_CONTENT;
	item.state = ATHAR_STATE_UNALLOCATED;
	item.grade = ATHAR_GRADE_PARTIAL;
	(void)snprintf(item.why, sizeof item.why, "no end marker before the next file");
	(void)snprintf(item.type, sizeof item.type, "zip");
	(void)snprintf(item.subtype, sizeof item.subtype, "docx");
	add_content(w, &item, 30000, 5000);
}

static void add_hostile(athar_run_writer *w)
{
	for (size_t i = 0; i < sample_hostile_count; i++) {
		athar_item item = ATHAR_ITEM_INIT;

		item.method = ATHAR_METHOD_METADATA;
		item.state = ATHAR_STATE_DELETED;
		item.grade = ATHAR_GRADE_COMPLETE;
		(void)snprintf(item.type, sizeof item.type, "gif");
		set_path(&item, sample_hostile[i].bytes, sample_hostile[i].len);
		add_content(w, &item, 40000 + 512 * i, 512);
	}
}

static void add_gaps(athar_run_writer *w)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_json *volumes =
		record("[{'number':1,'offset':0,'length':40000,'file_system':true,'kind':'fat16','"
	               "block_size':2048,"
	               "'label':'STICK','counts':{'failed_reads':2,'errors':1,'partial':true}},"
	               "{'number':2,'offset':40000,'length':20000,'file_system':false,'kind':'',"
	               "'finding':'looks encrypted'}]");

	assert_ok(athar_run_volumes(w, volumes, &err), err);
	athar_json_free(volumes);
	assert_ok(athar_run_finding(w, "worker", "volume 2", 40000, 512,
	                            "the worker ran out of memory\x1b[0m", &err),
	          err);
}

static void make_run(athar_case *c, sample_options options)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_run_writer *w = NULL;
	uint64_t begin = 0;
	athar_json *files = NULL;
	athar_json *run =
		record("{'v':1,'run':'carve-001','exhibit':'3/1','methods':['metadata'],"
	               "'types':null,'every_byte':false,'allocated':false,"
	               "'searched':40000,'total':65536,'workers_lost':0,"
	               "'started':'2026-11-22T11:00:00Z','ended':'2026-11-22T11:01:00Z'}");

	assert_ok(athar_custody_begin(&begin, c, "carve", "3/1", NULL, &err), err);
	assert_ok(athar_run_new(&w, c, SAMPLE_EXHIBIT, &err), err);
	add_deleted(w);
	add_carved(w);
	if (options.hostile)
		add_hostile(w);
	if (options.gaps) {
		add_gaps(w);
		athar_json_set_number(run, "workers_lost", 1);
		athar_json_set(run, "types", record("['jpeg','pdf']"));
	}
	assert_ok(athar_run_commit(&files, w, run, &err), err);
	athar_run_close(w);
	assert_ok(athar_custody_end(c, begin, "carve", "3/1", ATHAR_RESULT_DONE, files, NULL, &err),
	          err);
}

/* ---- the case ---- */

void sample_make(sample *s, sample_options options)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_json *fields = case_fields(options.stated);
	athar_case *c = NULL;
	uint64_t begin = 0;

	s->top = athar_test_mkdir();
	s->folder = athar_join(s->top, "case", &err);
	assert_non_null(s->folder);
	s->time = 1795391875;
	s->context = (athar_context){.now = sample_now,
	                             .user = &s->time,
	                             .host = "ws3",
	                             .system = "Linux",
	                             .login = "amina",
	                             .examiner = options.stated ? "E-014" : NULL,
	                             .command = "test"};
	assert_ok(athar_case_new(s->folder, fields, &s->context, &err), err);
	athar_json_free(fields);
	assert_ok(athar_case_open(&c, s->folder, &s->context, &err), err);
	make_exhibit(c, options);
	make_run(c, options);
	assert_ok(athar_custody_begin(&begin, c, "verify", NULL, NULL, &err), err);
	assert_ok(athar_custody_end(c, begin, "verify", NULL, ATHAR_RESULT_DONE, NULL,
	                            record("{'same':4,'differs':0}"), &err),
	          err);
	athar_case_close(c);
}

void sample_remove(sample *s)
{
	free(s->folder);
	athar_test_rmdir(s->top);
}

char *sample_render(const sample *s, const char *format, char *id)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_report *r = NULL;
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);

	assert_non_null(to);
	assert_ok(athar_report_load(&r, s->folder, &s->context, &err), err);
	assert_ok(athar_report_render(r, format, to, &err), err);
	if (id != NULL)
		memcpy(id, athar_report_id(r), 17);
	athar_report_free(r);
	assert_int_equal(fclose(to), 0);
	/* No byte of zero: the text can be searched as one string. */
	assert_int_equal(strlen(text), len);
	return text;
}

void sample_break_chain(const sample *s)
{
	athar_error err = ATHAR_ERROR_INIT;
	char *path = athar_join(s->folder, "custody.jsonl", &err);
	char command[4400];

	assert_non_null(path);
	(void)snprintf(command, sizeof command, "sed -i '1s/amina/annie/' '%s'", path);
	assert_int_equal(system(command), 0);
	free(path);
}
