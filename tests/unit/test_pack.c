/* SPDX-License-Identifier: Apache-2.0 */
/* The archive's writer and reader against each other, in memory. */
#include "tests/unit/test.h"

#include <stdlib.h>

#include "lib/os.h"
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

/* docs/format.md tells of this archive what is checked here. */
TEST(the_test_vector_is_read_as_documented)
{
	struct buf archive = { 0 };
	struct heard heard;
	struct fail f;

	CHECK_INT(os_read_whole(SOURCE_DIR "/tests/fixtures/pack/vector.tar.zst", 1 << 20, &archive, &f), 0);
	CHECK_INT(reads(&archive, &heard), 0);
	CHECK(heard.verdict.complete && heard.verdict.sound && heard.verdict.throwaway);
	CHECK_INT(heard.verdict.entries, 5);
	CHECK_INT(heard.verdict.bytes, 40946);
	CHECK_INT(heard.verdict.segments, 2);
	CHECK_TEXT(heard.verdict.code, "0603 8854 3849 5991 2260 3583");
	CHECK_TEXT(heard.verdict.signer, "CN=throw-away key of kit,O=kaketsuke throw-away key");
	CHECK(strstr(buf_string(&heard.text), "\"sha256_blocks\":\"b88dcfe91283d267d911caaf2f63c7102d3ca0d7fe"
	                                      "ebef03b267342c4a025d47\""));
	heard_done(&heard);
	buf_done(&archive);
}
