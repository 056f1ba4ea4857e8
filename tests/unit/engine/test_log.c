/* SPDX-License-Identifier: BSD-2-Clause */
/* Logs as their tools write them, with values of our own. Those of ewfacquire, dc3dd, dcfldd and
 * ddrescue follow what the programs of Debian 12 wrote; the others their makers' descriptions. The
 * hashes are those of "abc" (RFC 1321, FIPS 180-4). */
#include "athar_test.h"
#include "engine/log.h"

#define MD5 "900150983cd24fb0d6963f7d28e17f72"
#define SHA1 "a9993e364706816aba3e25717850c26c9cd0d89d"
#define SHA256 "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define SHA512 \
	"ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a" \
	"2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"

static athar_said read_bytes(const char *bytes, size_t len)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_said said;

	athar_said_init(&said);
	assert_ok(athar_log_read(&said, (const uint8_t *)bytes, len, &err), err);
	return said;
}

static athar_said read_text(const char *text)
{
	return read_bytes(text, strlen(text));
}

static void has_hash(const athar_said *said, size_t i, athar_said_of of, unsigned algorithms,
                     const char *hex)
{
	assert_true(i < said->hashes);
	assert_int_equal(said->hash[i].of, of);
	assert_int_equal(said->hash[i].algorithms, algorithms);
	assert_string_equal(said->hash[i].hex, hex);
}

static void has_bad(const athar_said *said, size_t i, uint64_t offset, uint64_t length)
{
	assert_true(i < said->bad.count);
	assert_int_equal(said->bad.run[i].offset, offset);
	assert_int_equal(said->bad.run[i].length, length);
}

#define FTK_HEAD \
	"Created By AccessData\302\256 FTK\302\256 Imager 4.5.0.3 \r\n\r\nCase Information: \r\n" \
	"Acquired using: ADI4.5.0.3\r\nCase Number: 42/2026\r\nEvidence Number: 3-1\r\n" \
	"Unique description: a stick\r\nExaminer: \330\256\330\247\331\204\330\257\r\nNotes: not " \
	"sealed\r\n\r\n----------------\r\n\r\nInformation for E:\\x\\stick:\r\n\r\n"
#define FTK_DRIVE \
	"Physical Evidentiary Item (Source) Information:\r\n[Device Info]\r\n Source Type: " \
	"Physical\r\n[Drive Geometry]\r\n Cylinders: 14,832\r\n Bytes per Sector: 512\r\n" \
	" Sector Count: 30,375,936\r\n[Physical Drive Information]\r\n Drive Model: Blade " \
	"USB Device\r\n Drive Serial Number: 4C53\r\n Drive Interface Type: USB\r\n Source data " \
	"size: 14832 MB\r\n Sector count:    30375936\r\n"
#define FTK_HASHES \
	"[Computed Hashes]\r\n MD5 checksum:    " MD5 "\r\n SHA1 checksum:   " SHA1 "\r\n\r\n" \
	"Image Information:\r\n Acquisition started:   Sat Nov 21 10:00:00 2026\r\n Acquisition " \
	"finished:  Sat Nov 21 10:10:00 2026\r\n Segment list:\r\n  E:\\x\\stick.E01\r\n\r\n" \
	"Image Verification Results:\r\n Verification started:  Sat Nov 21 10:10:01 2026\r\n" \
	" MD5 checksum:    " MD5 " : verified\r\n SHA1 checksum:   " SHA1 " : verified\r\n"
#define FTK_BAD \
	"ATTENTION:\r\nThe following sector(s) on the source drive could not be read:\r\n" \
	"\t491584 through 491591\r\n\t491928 through 491935\r\nThe contents of these sectors " \
	"were " \
	"replaced with zeros in the image.\r\n"

static void ftk_imager(void **state)
{
	ATHAR_AUTO(said) athar_said said = read_text(FTK_HEAD FTK_DRIVE FTK_BAD FTK_HASHES);

	(void)state;
	assert_string_equal(said.format, "ftk");
	assert_string_equal(said.text[ATHAR_SAID_TOOL],
	                    "AccessData\302\256 FTK\302\256 Imager 4.5.0.3");
	assert_string_equal(said.text[ATHAR_SAID_CASE], "42/2026");
	assert_string_equal(said.text[ATHAR_SAID_EXAMINER], "\330\256\330\247\331\204\330\257");
	assert_string_equal(said.text[ATHAR_SAID_NOTES], "not sealed");
	assert_string_equal(said.text[ATHAR_SAID_MODEL], "Blade USB Device");
	assert_string_equal(said.text[ATHAR_SAID_SERIAL], "4C53");
	assert_string_equal(said.text[ATHAR_SAID_STARTED], "Sat Nov 21 10:00:00 2026");
	assert_string_equal(said.text[ATHAR_SAID_VERIFIED], "verified");
	assert_int_equal(athar_said_media(&said), UINT64_C(30375936) * 512);
	assert_int_equal(said.hashes, 4);
	has_hash(&said, 0, ATHAR_OF_MEDIUM, ATHAR_MD5, MD5);
	has_hash(&said, 1, ATHAR_OF_MEDIUM, ATHAR_SHA1, SHA1);
	has_hash(&said, 2, ATHAR_OF_READ_BACK, ATHAR_MD5, MD5);
	assert_int_equal(said.bad.count, 2);
	has_bad(&said, 0, UINT64_C(491584) * 512, 8 * 512);
	has_bad(&said, 1, UINT64_C(491928) * 512, 8 * 512);
	assert_int_equal(said.dropped, 0);
}

/* What other machines write: thousands with dots, values that make no sense. */
static void what_makes_no_sense_is_counted(void **state)
{
	ATHAR_AUTO(said)
	athar_said said = read_text("Created By AccessData FTK Imager 3\n Bytes per Sector: 512\n"
	                            " Sector Count: 67.108.864\n MD5 checksum: 1234\n"
	                            " SHA1 checksum: none\n Bytes per Sector: many\n"
	                            "sector(s) could not be read: 0 through 9\n7 through 3\n");

	(void)state;
	assert_int_equal(said.number[ATHAR_SAID_SECTORS], 67108864);
	assert_int_equal(said.hashes, 0);
	has_bad(&said, 0, 0, 10 * 512);
	assert_int_equal(said.bad.count, 1);
	assert_int_equal(said.dropped, 3);
}

static size_t to_utf16(char *out, const char *ascii, bool big, bool mark)
{
	size_t n = 0;

	if (mark) {
		out[n++] = big ? '\xFE' : '\xFF';
		out[n++] = big ? '\xFF' : '\xFE';
	}
	for (; *ascii != '\0'; ascii++) {
		out[n++] = big ? '\0' : *ascii;
		out[n++] = big ? *ascii : '\0';
	}
	return n;
}

static void utf16_of_either_order(void **state)
{
	static const char text[] = "Created By AccessData FTK Imager 4\r\nCase Number: 7\r\n"
				   "[Computed Hashes]\r\n MD5 checksum:    " MD5 "\r\n";
	char wide[4 * sizeof text];

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		const size_t len = to_utf16(wide, text, (i & 1) != 0, (i & 2) != 0);
		ATHAR_AUTO(said) athar_said said = read_bytes(wide, len);

		assert_string_equal(said.format, "ftk");
		assert_string_equal(said.text[ATHAR_SAID_CASE], "7");
		has_hash(&said, 0, ATHAR_OF_MEDIUM, ATHAR_MD5, MD5);
	}
}

static void eight_bits(void **state)
{
	ATHAR_AUTO(said)
	athar_said said = read_text("Created By AccessData\256 FTK\256 Imager 3\nExaminer: "
	                            "M\374ller \200\n");

	(void)state;
	assert_string_equal(said.text[ATHAR_SAID_TOOL], "AccessData\302\256 FTK\302\256 Imager 3");
	assert_string_equal(said.text[ATHAR_SAID_EXAMINER], "M\303\274ller \342\202\254");
}

#define GUYMAGER_HEAD \
	"\nGUYMAGER ACQUISITION INFO " \
	"FILE\n==============================\n\nGuymager\n========\n\n" \
	"Version              : 0.8.13-1     \nCompiled with        : gcc 12\n\n\n" \
	"Device information\n==================\nCommand executed: bash -c \"smartctl -a " \
	"/dev/sdb\"\nInformation returned:\n---------\n   Device Model:     DISK 1\n" \
	"   Serial Number:    S/N 7\n   User Capacity: 1\n\nHidden areas: unknown\n\n\n" \
	"Acquisition\n===========\n\nLinux device            : /dev/sdb\n" \
	"Device size             : 54083584 (54.1MB)\nFormat                  : Linux split dd\n" \
	"Image meta data\n   Case number          : 42\n   Examiner             : KM\n"
#define GUYMAGER_HASHES \
	"MD5 hash                   : " MD5 "\nMD5 hash verified source   : --\n" \
	"MD5 hash verified image    : " MD5 "\nSHA1 hash                  : --\n" \
	"SHA256 hash                : " SHA256 "\nSHA256 hash verified source: " SHA256 "\n" \
	"Image verification OK. The image contains exactly the data that was written.\n\n" \
	"Acquisition started : 2026-11-21 14:46:53 (ISO format YYYY-MM-DD HH:MM:SS)\n" \
	"Ended               : 2026-11-21 15:55:58 (1 hours, 9 minutes and 5 seconds)\n\n\n" \
	"Generated image files and their MD5 hashes\n==========================================\n" \
	"\nMD5                               Image file\n" MD5 "  stick.E01\n" \
	"n/a                               stick.E02\n"

static void guymager(void **state)
{
	ATHAR_AUTO(said)
	athar_said said = read_text(
		GUYMAGER_HEAD "During acquisition, 25 bad sectors have been encountered. They have "
			      "been replaced by zeroed sectors. The sector numbers are:\n"
			      "   300-319, 12002-12005,\n   26406\n"
			      "During verification, 1 bad sectors have been encountered. The "
			      "sector numbers are:\n   9\nState: Finished successfully (with 25 "
			      "bad sectors)\n\n" GUYMAGER_HASHES);

	(void)state;
	assert_string_equal(said.format, "guymager");
	assert_string_equal(said.text[ATHAR_SAID_VERSION], "0.8.13-1");
	assert_string_equal(said.text[ATHAR_SAID_MODEL], "DISK 1");
	assert_string_equal(said.text[ATHAR_SAID_SERIAL], "S/N 7");
	assert_string_equal(said.text[ATHAR_SAID_CASE], "42");
	assert_string_equal(said.text[ATHAR_SAID_STATE],
	                    "Finished successfully (with 25 bad sectors)");
	assert_int_equal(athar_said_media(&said), 54083584);
	assert_int_equal(said.number[ATHAR_SAID_BAD_SECTORS], 25);
	assert_int_equal(said.bad.count, 3);
	has_bad(&said, 0, 300 * 512, 20 * 512);
	has_bad(&said, 2, 26406 * 512, 512);
	has_hash(&said, 0, ATHAR_OF_MEDIUM, ATHAR_MD5, MD5);
	has_hash(&said, 1, ATHAR_OF_READ_BACK, ATHAR_MD5, MD5);
	has_hash(&said, 2, ATHAR_OF_MEDIUM, ATHAR_SHA256, SHA256);
	has_hash(&said, 3, ATHAR_OF_REREAD, ATHAR_SHA256, SHA256);
	has_hash(&said, 4, ATHAR_OF_FILE, ATHAR_MD5, MD5);
	assert_string_equal(said.hash[4].file, "stick.E01");
	assert_int_equal(said.hashes, 5);
	assert_int_equal(said.dropped, 0);
}

#define TABLEAU \
	"-----------------------------Start of TX1 Log Entry-----------------------------\n\n" \
	"Task: Disk to File\nStatus: Ok\nCreated: Sat Nov 21 14:31:53 2026 (UTC-0500)\n" \
	"Started: Sat Nov 21 14:31:53 2026 (UTC-0500)\nClosed: Sat Nov 21 14:42:49 2026\n" \
	"User: <<not entered>>\nCase ID: 42\nCase Notes: <<not entered>>\n\nImager App: TX1\n" \
	"Imager Ver: 22.3\nTX1 S/N: 000ecc11\n\n" \
	"------------------------------Source Disk-------------------------------\n\n" \
	"Interface: SATA\nModel: DISK 2\nFirmware revision: PMAP\nSerial number: ABC7\n" \
	"Capacity in bytes: 3,926,949,888 (3.9 GB)\nBlock Size: 512 bytes\nBlock Count: " \
	"7,669,824\n\n" \
	"----------------------------Destination Disk----------------------------\n\nModel: " \
	"OURS\n\n" \
	"--------------------------Disk Imaging Results--------------------------\n\n" \
	"Output file format: E01 - EnCase format\nTotal errors: 2\nAcquisition MD5:   " MD5 "\n" \
	"Acquisition SHA-1: " SHA1 "\n\n" \
	"-----------------------------List of Errors-----------------------------\n\n" \
	"Error # 1: Read error (source), byte offset=2123809280, byte length=512\n" \
	"Error # 2: Write error (destination), byte offset=1, byte length=512\n\n" \
	"---------------------Readback Verification Results----------------------\n\n" \
	"Verification MD5:   " MD5 "\nVerification SHA-1: " SHA1 "\nStatus: Verified\n\n" \
	"------------------------------End of TX1 Log Entry------------------------------\n"

static void tableau(void **state)
{
	ATHAR_AUTO(said) athar_said said = read_text(TABLEAU);

	(void)state;
	assert_string_equal(said.format, "tableau");
	assert_string_equal(said.text[ATHAR_SAID_TOOL], "TX1");
	assert_string_equal(said.text[ATHAR_SAID_VERSION], "22.3");
	assert_string_equal(said.text[ATHAR_SAID_TOOL_SERIAL], "000ecc11");
	assert_string_equal(said.text[ATHAR_SAID_EXAMINER], "");
	assert_string_equal(said.text[ATHAR_SAID_MODEL], "DISK 2");
	assert_string_equal(said.text[ATHAR_SAID_SERIAL], "ABC7");
	assert_string_equal(said.text[ATHAR_SAID_STATE], "Ok");
	assert_string_equal(said.text[ATHAR_SAID_VERIFIED], "Verified");
	assert_int_equal(athar_said_media(&said), UINT64_C(3926949888));
	assert_int_equal(said.number[ATHAR_SAID_SECTORS], 7669824);
	assert_int_equal(said.number[ATHAR_SAID_ERRORS], 2);
	assert_int_equal(said.bad.count, 1);
	has_bad(&said, 0, UINT64_C(2123809280), 512);
	assert_int_equal(said.hashes, 4);
	has_hash(&said, 1, ATHAR_OF_MEDIUM, ATHAR_SHA1, SHA1);
	has_hash(&said, 3, ATHAR_OF_READ_BACK, ATHAR_SHA1, SHA1);
}

static void ewfacquire(void **state)
{
	ATHAR_AUTO(said)
	athar_said said = read_text(
		"ewfacquire 20140813\n\nDevice information:\nBus type:\t\t\t\t\nModel:\t\t\t\tD 3\n"
		"Serial:\t\t\t\t77\n\nStorage media information:\nMedia size:\t\t\t\t2.0 MB "
		"(2097152 bytes)\nBytes per sector:\t\t\t512\n\nAcquiry started at: Nov 25, 2026 "
		"13:22:33\nAcquiry completed at: Nov 25, 2026 13:22:34\n\nErrors reading device:\n"
		"\ttotal number: 1\n\tat sector(s): 64 - 112 number: 48 (offset: 0x00008000 of "
		"size: 24576)\n\nMD5 hash calculated over data:\t\t" MD5
		"\nSHA256 hash calculated over data:\t" SHA256 "\newfacquire: SUCCESS\n");

	(void)state;
	assert_string_equal(said.format, "ewfacquire");
	assert_string_equal(said.text[ATHAR_SAID_VERSION], "20140813");
	assert_string_equal(said.text[ATHAR_SAID_MODEL], "D 3");
	assert_string_equal(said.text[ATHAR_SAID_BUS], "");
	assert_string_equal(said.text[ATHAR_SAID_STATE], "SUCCESS");
	assert_int_equal(athar_said_media(&said), 2097152);
	has_bad(&said, 0, 0x8000, 24576);
	has_hash(&said, 0, ATHAR_OF_MEDIUM, ATHAR_MD5, MD5);
	has_hash(&said, 1, ATHAR_OF_MEDIUM, ATHAR_SHA256, SHA256);
}

#define DC3DD_RUN(md5) \
	"\ndc3dd 7.2.646 started at 2026-11-25 13:22:33 +0000\ncompiled options:\ncommand line: " \
	"dc3dd if=/dev/sdb hof=x.dd hash=md5\ndevice size: 4096 sectors (probed),        " \
	"2,097,152 bytes\nsector size: 512 bytes (probed)\n[!!] 8 occurrences while reading " \
	"`/dev/sdb' from sector 100 to sector 107 : Input/output error\n[!!] reading `/dev/sdb' " \
	"at " \
	"sector 2000 : Input/output error\n     2097152 bytes ( 2 M ) copied ( 100% ), 0.1 s, 19 " \
	"M/s\n     2097152 bytes ( 2 M ) hashed ( 100% ), 0.1 s, 19 M/s\n\ninput results for " \
	"device `/dev/sdb':\n   4096 sectors in\n   9 bad sectors replaced by zeros\n   " md5 \
	" (md5)\n      " SHA1 ", sectors 0 - 2047\n\noutput results for file `x.dd':\n   4096 " \
	"sectors out\n   [ok] " md5 " (md5)\n\ndc3dd completed at 2026-11-25 13:22:34 +0000\n\n"

/* The log has two runs: the last counts. */
static void dc3dd(void **state)
{
	ATHAR_AUTO(said)
	athar_said said = read_text(DC3DD_RUN("00000000000000000000000000000000") DC3DD_RUN(MD5));

	(void)state;
	assert_string_equal(said.format, "dc3dd");
	assert_string_equal(said.text[ATHAR_SAID_VERSION], "7.2.646");
	assert_string_equal(said.text[ATHAR_SAID_SOURCE], "/dev/sdb");
	assert_string_equal(said.text[ATHAR_SAID_STATE], "completed");
	assert_string_equal(said.text[ATHAR_SAID_VERIFIED], "ok");
	assert_int_equal(athar_said_media(&said), 2097152);
	assert_int_equal(said.number[ATHAR_SAID_BAD_SECTORS], 9);
	assert_int_equal(said.bad.count, 2);
	has_bad(&said, 0, 51200, 4096);
	has_bad(&said, 1, 1024000, 512);
	assert_int_equal(said.hashes, 2);
	has_hash(&said, 0, ATHAR_OF_MEDIUM, ATHAR_MD5, MD5);
	has_hash(&said, 1, ATHAR_OF_READ_BACK, ATHAR_MD5, MD5);
}

static void dc3dd_for_machines(void **state)
{
	ATHAR_AUTO(said)
	athar_said said = read_text("dc3dd 7.2.646 started at 2026-11-25 13:21:55 +0000\n\n"
	                            "input results for file `src.img':\n       " SHA256
	                            "| (FINAL: sha256)  |            0|            0 \n");

	(void)state;
	assert_int_equal(said.hashes, 1);
	has_hash(&said, 0, ATHAR_OF_MEDIUM, ATHAR_SHA256, SHA256);
}

static void dcfldd(void **state)
{
	ATHAR_AUTO(said)
	athar_said said =
		read_text("0 - 1048576: " MD5 "\n0 - 1048576: " SHA512 "\n1048576 - 1048000: " MD5
	                  "\n\nTotal (md5): " MD5 "\n\nTotal (sha512): " SHA512 "\n");

	(void)state;
	assert_string_equal(said.format, "dcfldd");
	assert_int_equal(said.pieces, 2);
	assert_int_equal(said.piece[0].count, 1048576);
	assert_int_equal(said.piece[0].value[0], 0x90);
	assert_int_equal(said.piece[1].algorithm, ATHAR_SHA512);
	assert_false(said.in_sectors);
	has_hash(&said, 0, ATHAR_OF_MEDIUM, ATHAR_MD5, MD5);
	has_hash(&said, 1, ATHAR_OF_MEDIUM, ATHAR_SHA512, SHA512);
	assert_int_equal(said.dropped, 1);
}

static void segmented_hashes(void **state)
{
	ATHAR_AUTO(said)
	athar_said said = read_text("Hash,start LBA,end LBA\n" MD5 " ,0,8388608\n" SHA1
	                            ",8388609,8388609\n" MD5 ",9,8\n");

	(void)state;
	assert_string_equal(said.format, "segmented-hashes");
	assert_true(said.in_sectors);
	assert_int_equal(said.pieces, 2);
	assert_int_equal(said.piece[0].count, 8388609);
	assert_int_equal(said.piece[1].first, 8388609);
	assert_int_equal(said.piece[1].algorithm, ATHAR_SHA1);
	assert_int_equal(said.dropped, 1);
}

static void lists_of_hashes(void **state)
{
	ATHAR_AUTO(said)
	athar_said said = read_text(SHA256 "  C:\\x\\stick.E01\n" SHA512 " */y/stick.E02\n");

	(void)state;
	assert_string_equal(said.format, "hash list");
	assert_int_equal(said.hashes, 2);
	has_hash(&said, 0, ATHAR_OF_FILE, ATHAR_SHA256, SHA256);
	assert_string_equal(said.hash[0].file, "stick.E01");
	has_hash(&said, 1, ATHAR_OF_FILE, ATHAR_SHA512 | ATHAR_BLAKE2B, SHA512);
	assert_string_equal(said.hash[1].file, "stick.E02");
}

/* Of a form that is not known only what can be a hash is taken, and nothing is concluded. */
#define MAP_HEAD \
	"# Mapfile. Created by GNU ddrescue version 1.27\n# Command line: ddrescue -d -r3 " \
	"/dev/sdb stick.dd stick.map\n# Start time:   2026-11-25 14:44:48\n" \
	"# Current time: 2026-11-25 14:54:48\n# Finished\n" \
	"# current_pos  current_status  current_pass\n"
#define MAP_BLOCKS \
	"#      pos        size  status\n0x00000000  0x00001000  +\n0x00001000  0x00000200  -\n" \
	"0x00001200  0x00000400  /\n0x00001600  0x00000200  *\n0x00001800  0x00000800  +\n" \
	"0x00002000  0x00000200  -\n0x00002200  0x00000E00  ?\n"

static void ddrescue(void **state)
{
	ATHAR_AUTO(said)
	athar_said said = read_text(MAP_HEAD "0x00001000     +               2\n" MAP_BLOCKS);

	(void)state;
	assert_string_equal(said.format, "ddrescue");
	assert_string_equal(said.text[ATHAR_SAID_TOOL], "GNU ddrescue");
	assert_string_equal(said.text[ATHAR_SAID_VERSION], "1.27");
	assert_string_equal(said.text[ATHAR_SAID_COMMAND],
	                    "ddrescue -d -r3 /dev/sdb stick.dd stick.map");
	assert_string_equal(said.text[ATHAR_SAID_STARTED], "2026-11-25 14:44:48");
	assert_string_equal(said.text[ATHAR_SAID_ENDED], "2026-11-25 14:54:48");
	assert_string_equal(said.text[ATHAR_SAID_STATE], "finished");
	assert_int_equal(athar_said_media(&said), 0x3000);
	assert_int_equal(said.bad.count, 4);
	has_bad(&said, 0, 0x1000, 0x200);
	assert_int_equal(said.bad.run[0].kind, ATHAR_RUN_BAD);
	has_bad(&said, 1, 0x1200, 0x600);
	assert_int_equal(said.bad.run[1].kind, ATHAR_RUN_UNREAD);
	has_bad(&said, 2, 0x2000, 0x200);
	assert_int_equal(said.bad.run[2].kind, ATHAR_RUN_BAD);
	has_bad(&said, 3, 0x2200, 0xE00);
	assert_int_equal(said.bad.run[3].kind, ATHAR_RUN_UNREAD);
	assert_int_equal(said.lines, 15);
	assert_int_equal(said.dropped, 0);
}

/* Those of athar, of ddrescue before 1.20 without a pass, and with a comment put above. */
static void ddrescue_of_other_makers(void **state)
{
	ATHAR_AUTO(said)
	athar_said own =
		read_text("# Mapfile. Created by athar 0.1.0\n0 ? 1\n0 512 +\n512 512 -\n");
	ATHAR_AUTO(said)
	athar_said old =
		read_text("# of the second try\r\n# Rescue Logfile. Created by GNU ddrescue "
	                  "version 1.16\r\n0x200 -\r\n0 0x400 +\r\n0x400 0x200 -\r\n");
	ATHAR_AUTO(said) athar_said other = read_text("# Domain logfile\n0 +\n0 512 ?\n");

	(void)state;
	assert_string_equal(own.text[ATHAR_SAID_TOOL], "athar");
	assert_string_equal(own.text[ATHAR_SAID_VERSION], "0.1.0");
	assert_string_equal(own.text[ATHAR_SAID_STATE], "copying");
	assert_int_equal(athar_said_media(&own), 1024);
	has_bad(&own, 0, 512, 512);
	assert_string_equal(old.text[ATHAR_SAID_TOOL], "GNU ddrescue");
	assert_string_equal(old.text[ATHAR_SAID_VERSION], "1.16");
	assert_string_equal(old.text[ATHAR_SAID_STATE], "retrying");
	assert_int_equal(athar_said_media(&old), 0x600);
	has_bad(&old, 0, 0x400, 0x200);
	assert_string_equal(other.format, "");
	assert_false(athar_said_anything(&other));
}

/* What ddrescue writes while it reads a medium of which it does not know the size. */
static void ddrescue_without_a_size(void **state)
{
	ATHAR_AUTO(said)
	athar_said said = read_text(MAP_HEAD "0x19CC0000 ? 1\n0x00000000  0x19CC0000  +\n"
	                                     "0x19CC0000  0x7FFFFFFFE633FFFF  ?\n");

	(void)state;
	assert_int_equal(athar_said_media(&said), ATHAR_NOWHERE);
	has_bad(&said, 0, 0x19CC0000, UINT64_C(0x7FFFFFFFE633FFFF));
}

/* Its comments are there, and nothing that counts is said. */
static void ddrescue_without_sense(void **state)
{
	static const char *const texts[] = {
		MAP_HEAD, MAP_HEAD "0x00 + 1\n0x00000000  0x00001000  +\n0x00001000  0x00000200\n",
		MAP_HEAD "0x00 + 1\n0x00000000  0x00001000  +\n0x00001200  0x00000200  -\n",
		MAP_HEAD "0x00 + 1\n0x00000000  0xFFFFFFFFFFFFFFFF  -\n",
		MAP_HEAD "0x00 + 1\n0x00000000  0x00001000  x\n"};

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(texts); i++) {
		ATHAR_AUTO(said) athar_said said = read_text(texts[i]);

		assert_string_equal(said.format, "ddrescue");
		assert_string_equal(said.text[ATHAR_SAID_VERSION], "1.27");
		assert_false(athar_said_anything(&said));
		assert_int_equal(said.dropped, 1);
	}
}

/* Where the bytes lie elsewhere in the image, the places of the map are none of it. */
static void ddrescue_that_moved_the_bytes(void **state)
{
	static const struct {
		const char *options;
		bool moved;
	} of[] = {{"-o 0", true},
	          {"-do0 -i 1Mi", true},
	          {"--output-position=0", true},
	          {"--outp 0", true},
	          {"-i 1Mi -r -1 -b4096 -mdomain.map --odirect", false},
	          {"-d -f /mnt/-o/disk", false},
	          {"-", false}};

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(of); i++) {
		char text[300];

		(void)snprintf(text, sizeof text,
		               "# Mapfile. Created by GNU ddrescue version 1.27\n# Command line: "
		               "ddrescue %s in out map\n0 + 1\n0 512 +\n512 512 -\n",
		               of[i].options);
		ATHAR_AUTO(said) athar_said said = read_text(text);
		assert_int_equal(athar_said_anything(&said), !of[i].moved);
		assert_int_equal(said.dropped, of[i].moved);
	}
}

/* Every second sector is bad, more of them than are kept: the last range holds the rest. */
static void ddrescue_with_too_many_ranges(void **state)
{
	const size_t pairs = ATHAR_SAID_BAD_MOST + 10;
	char *text = malloc(pairs * 40 + 100);
	size_t len;

	(void)state;
	assert_non_null(text);
	len = (size_t)sprintf(text, "# Mapfile. Created by GNU ddrescue version 1.27\n0 + 1\n");
	for (size_t i = 0; i < pairs; i++)
		len += (size_t)sprintf(text + len, "%zu 1 -\n%zu 1 +\n", 2 * i, 2 * i + 1);
	ATHAR_AUTO(said) athar_said said = read_bytes(text, len);
	free(text);
	assert_int_equal(said.bad.count, ATHAR_SAID_BAD_MOST);
	has_bad(&said, ATHAR_SAID_BAD_MOST - 2, 2 * (ATHAR_SAID_BAD_MOST - 2), 1);
	has_bad(&said, ATHAR_SAID_BAD_MOST - 1, 2 * (ATHAR_SAID_BAD_MOST - 1), 2 * 10 + 1);
	assert_int_equal(said.bad.run[ATHAR_SAID_BAD_MOST - 1].kind, ATHAR_RUN_UNREAD);
	assert_int_equal(said.dropped, 11);
	assert_int_equal(athar_said_media(&said), 2 * pairs);
}

static void any_other_log(void **state)
{
	ATHAR_AUTO(said)
	athar_said said = read_text("<tr><td>MD5</td><td>" MD5 "</td></tr>\n<SHA1>" SHA1
	                            "</SHA1> x" MD5 " " MD5 "0 Serial: 7\n");

	(void)state;
	assert_string_equal(said.format, "");
	assert_int_equal(said.hashes, 2);
	has_hash(&said, 0, ATHAR_OF_UNKNOWN, ATHAR_MD5, MD5);
	has_hash(&said, 1, ATHAR_OF_UNKNOWN, ATHAR_SHA1, SHA1);
	assert_string_equal(said.text[ATHAR_SAID_SERIAL], "");
}

static void nothing_is_understood_of_noise(void **state)
{
	uint8_t noise[20000];

	(void)state;
	for (uint64_t seed = 1; seed < 20; seed++) {
		athar_test_fill(noise, sizeof noise, seed);
		ATHAR_AUTO(said)
		athar_said said = read_bytes((const char *)noise, sizeof noise);

		assert_false(athar_said_anything(&said));
	}
	ATHAR_AUTO(said) athar_said empty = read_text("");
	assert_false(athar_said_anything(&empty));
}

/* Every beginning of every log is read without harm, and never says more than all of it. */
static void cut_logs(void **state)
{
	static const char *const logs[] = {FTK_HEAD FTK_DRIVE FTK_BAD FTK_HASHES,
	                                   GUYMAGER_HEAD GUYMAGER_HASHES, TABLEAU, DC3DD_RUN(MD5)};

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(logs); i++) {
		ATHAR_AUTO(said) athar_said whole = read_text(logs[i]);

		for (size_t len = 0; len < strlen(logs[i]); len += 7) {
			ATHAR_AUTO(said) athar_said said = read_bytes(logs[i], len);

			assert_true(said.hashes <= whole.hashes);
			assert_true(said.bad.count <= whole.bad.count);
		}
	}
}

static void numbers(void **state)
{
	const char *rest = NULL;
	uint64_t n = 0;

	(void)state;
	assert_true(athar_log_number(&n, " 7,669,824 bytes", &rest));
	assert_int_equal(n, 7669824);
	assert_string_equal(rest, " bytes");
	assert_true(athar_log_number(&n, "1\302\240234'567", &rest));
	assert_int_equal(n, 1234567);
	assert_true(athar_log_number(&n, "1234,567", &rest));
	assert_int_equal(n, 1234);
	assert_true(athar_log_number(&n, "12,34", &rest));
	assert_int_equal(n, 12);
	assert_true(athar_log_number(&n, "18446744073709551615", NULL));
	assert_int_equal(n, UINT64_MAX);
	assert_false(athar_log_number(&n, "18446744073709551616", NULL));
	assert_false(athar_log_number(&n, "-1", NULL));
	assert_false(athar_log_number(&n, "", NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ftk_imager),
		cmocka_unit_test(what_makes_no_sense_is_counted),
		cmocka_unit_test(utf16_of_either_order),
		cmocka_unit_test(eight_bits),
		cmocka_unit_test(guymager),
		cmocka_unit_test(tableau),
		cmocka_unit_test(ewfacquire),
		cmocka_unit_test(dc3dd),
		cmocka_unit_test(dc3dd_for_machines),
		cmocka_unit_test(dcfldd),
		cmocka_unit_test(segmented_hashes),
		cmocka_unit_test(lists_of_hashes),
		cmocka_unit_test(ddrescue),
		cmocka_unit_test(ddrescue_of_other_makers),
		cmocka_unit_test(ddrescue_without_a_size),
		cmocka_unit_test(ddrescue_without_sense),
		cmocka_unit_test(ddrescue_that_moved_the_bytes),
		cmocka_unit_test(ddrescue_with_too_many_ranges),
		cmocka_unit_test(any_other_log),
		cmocka_unit_test(nothing_is_understood_of_noise),
		cmocka_unit_test(cut_logs),
		cmocka_unit_test(numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
