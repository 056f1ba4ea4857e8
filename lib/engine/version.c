/* SPDX-License-Identifier: BSD-2-Clause */
#include "athar/version.h"

#include "digest/digest.h"
#include "digest/hash_list.h"
#include "image/driver.h"
#include "inflate/inflate.h"
#include "inflate/unpack.h"
#include "volume/volume.h"

const char *athar_version(void)
{
	return ATHAR_VERSION;
}

athar_json *athar_version_libraries(void)
{
	athar_json *o = athar_json_object();

	athar_json_set_text(o, "athar", ATHAR_VERSION);
	athar_json_set_text(o, "deflate", athar_inflate_engine());
	athar_json_set_text(o, "lz4", athar_lz4_engine());
	athar_json_set_text(o, "zstd", athar_zstd_engine());
	athar_json_set_text(o, "libewf", athar_image_engine());
	athar_json_set_text(o, "libtsk", athar_volume_engine());
	athar_json_set_text(o, "openssl", athar_digest_engine());
	athar_json_set_text(o, "sqlite", athar_list_engine());
	return o;
}
