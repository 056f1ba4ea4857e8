/* SPDX-License-Identifier: BSD-2-Clause */
/* The formats, one file each: what formats.c lists. */
#ifndef ATHAR_FORMAT_LIST_H
#define ATHAR_FORMAT_LIST_H

#include "format/format.h"

extern const athar_format athar_format_7z, athar_format_aac, athar_format_aiff, athar_format_amr,
	athar_format_asf, athar_format_au, athar_format_avi, athar_format_bdb,
	athar_format_bitlocker, athar_format_bmff, athar_format_bmp, athar_format_bplist,
	athar_format_bzip2, athar_format_cab, athar_format_der, athar_format_dex, athar_format_elf,
	athar_format_eml, athar_format_evtx, athar_format_flac, athar_format_flv, athar_format_gif,
	athar_format_gzip, athar_format_html, athar_format_ical, athar_format_jp2,
	athar_format_jpeg, athar_format_jxl, athar_format_keepass, athar_format_lnk,
	athar_format_luks, athar_format_lz4, athar_format_macho, athar_format_mbox,
	athar_format_midi, athar_format_mkv, athar_format_mp3, athar_format_mpeg,
	athar_format_netpbm, athar_format_ogg, athar_format_ole, athar_format_pcap,
	athar_format_pcapng, athar_format_pdf, athar_format_pe, athar_format_pem, athar_format_pgp,
	athar_format_png, athar_format_prefetch, athar_format_psd, athar_format_pst,
	athar_format_rar, athar_format_regf, athar_format_rtf, athar_format_script,
	athar_format_sqlite, athar_format_sqlitejournal, athar_format_sqlitewal, athar_format_tar,
	athar_format_tiff, athar_format_ts, athar_format_vcard, athar_format_wav, athar_format_webp,
	athar_format_xcf, athar_format_xml, athar_format_xz, athar_format_zip, athar_format_zstd;

#endif
