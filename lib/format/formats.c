/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "format/list.h"

/* In name order. A magic belongs to one format only, so the order decides nothing else. */
/* clang-format off */
static const athar_format *const formats[] = {
	&athar_format_7z,
	&athar_format_aac,
	&athar_format_aiff,
	&athar_format_amr,
	&athar_format_asf,
	&athar_format_au,
	&athar_format_avi,
	&athar_format_bdb,
	&athar_format_bitlocker,
	&athar_format_bmff,
	&athar_format_bmp,
	&athar_format_bplist,
	&athar_format_bzip2,
	&athar_format_cab,
	&athar_format_der,
	&athar_format_dex,
	&athar_format_elf,
	&athar_format_eml,
	&athar_format_evtx,
	&athar_format_flac,
	&athar_format_flv,
	&athar_format_gif,
	&athar_format_gzip,
	&athar_format_html,
	&athar_format_ical,
	&athar_format_jp2,
	&athar_format_jpeg,
	&athar_format_jxl,
	&athar_format_keepass,
	&athar_format_lnk,
	&athar_format_luks,
	&athar_format_lz4,
	&athar_format_macho,
	&athar_format_mbox,
	&athar_format_midi,
	&athar_format_mkv,
	&athar_format_mp3,
	&athar_format_mpeg,
	&athar_format_netpbm,
	&athar_format_ogg,
	&athar_format_ole,
	&athar_format_pcap,
	&athar_format_pcapng,
	&athar_format_pdf,
	&athar_format_pe,
	&athar_format_pem,
	&athar_format_pgp,
	&athar_format_png,
	&athar_format_prefetch,
	&athar_format_psd,
	&athar_format_pst,
	&athar_format_rar,
	&athar_format_regf,
	&athar_format_rtf,
	&athar_format_script,
	&athar_format_sqlite,
	&athar_format_sqlitejournal,
	&athar_format_sqlitewal,
	&athar_format_tar,
	&athar_format_tiff,
	&athar_format_ts,
	&athar_format_vcard,
	&athar_format_wav,
	&athar_format_webp,
	&athar_format_xcf,
	&athar_format_xml,
	&athar_format_xz,
	&athar_format_zip,
	&athar_format_zstd,
	NULL,
};
/* clang-format on */

const athar_format *const *athar_formats(void)
{
	return formats;
}

const athar_format *athar_format_find(const char *name)
{
	for (size_t i = 0; formats[i] != NULL; i++) {
		if (strcmp(formats[i]->name, name) == 0)
			return formats[i];
	}
	return NULL;
}

bool athar_format_fits(const athar_format *format, const uint8_t *head, size_t len)
{
	for (const athar_magic *m = format->magic; m->len != 0; m++) {
		if (len >= (size_t)m->at + m->len && memcmp(head + m->at, m->bytes, m->len) == 0)
			return true;
	}
	return false;
}

athar_status athar_format_identify(const athar_format **format, athar_claim *out, athar_reader *in,
                                   athar_error *err)
{
	uint8_t head[ATHAR_FORMAT_HEAD];
	athar_bytes first;

	*format = NULL;
	*out = (athar_claim){.ours = false};
	if (athar_reader_size(in) == 0)
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_some(&first, in, 0, sizeof head, err));
	/* what is borrowed ends with the first format that is asked */
	memcpy(head, first.ptr, first.len);
	for (size_t i = 0; formats[i] != NULL; i++) {
		if (!athar_format_fits(formats[i], head, first.len))
			continue;
		ATHAR_TRY(formats[i]->measure(out, in, err));
		if (out->ours) {
			*format = formats[i];
			return ATHAR_OK;
		}
	}
	return ATHAR_OK;
}
