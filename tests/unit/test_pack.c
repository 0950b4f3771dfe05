/* SPDX-License-Identifier: Apache-2.0 */
/* The archive's writer and reader against each other, in memory. */
#include "tests/unit/test.h"

#include <stdlib.h>

#include "lib/pack.h"
#include "lib/pack_digest.h"
#include "tests/unit/pack_kit.h"

static int64_t reads(const struct buf *archive, struct heard *heard)
{
	return kit_read(buf_span(archive), NULL, heard);
}

TEST(what_is_written_is_read)
{
	struct buf archive = { 0 };
	struct heard heard;
	struct fail f;
	char code[PACK_CODE];

	CHECK_INT(kit_write(&archive, 3, code, &f), 0);
	CHECK_INT(reads(&archive, &heard), 0);
	CHECK(heard.verdict.complete);
	CHECK(heard.verdict.sound);
	CHECK(heard.verdict.throwaway);
	CHECK(!heard.verdict.trusted);
	CHECK_INT(heard.verdict.problems, 0);
	CHECK_TEXT(heard.verdict.code, code);
	CHECK_INT(heard.verdict.unsigned_entries, 0);
	heard_done(&heard);
	buf_done(&archive);
}
