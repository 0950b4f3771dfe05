/* SPDX-License-Identifier: Apache-2.0 */
/* The archive's reader on whole archives, and on tars that are wrapped in a stored frame first. */
#include <stdint.h>
#include <stdlib.h>

#include "lib/pack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_all(struct span archive)
{
	struct memory_source in;
	struct pack_reader *reader;
	struct pack_entry entry;
	struct fail f;

	memory_source_init(&in, archive);
	if (pack_reader_open(&reader, &in.source, NULL, NULL, &f))
		abort();
	while (pack_reader_next(reader, &entry, &f) == 1) {
		uint8_t bytes[1000];

		/* Part of each, so that both reading and passing over are tried; never all of a huge hole. */
		for (int i = 0; i < 4 && source_read(entry.content, bytes, sizeof bytes, &f) > 0; i++)
			;
	}
	if (pack_reader_verdict(reader)->sound && !pack_reader_verdict(reader)->segments)
		abort();
	pack_reader_close(reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum { BLOCK = 128 << 10 };
	struct buf archive = { 0 };
	struct span tar = { data, size };
	uint8_t header[9] = { 0x28, 0xb5, 0x2f, 0xfd, 0xa0 };

	if (size >= 4 && memcmp(data, header, 4) == 0) {
		read_all(tar);
		return 0;
	}
	for (int i = 0; i < 4; i++)
		header[5 + i] = (uint8_t)(size >> (8 * i));
	buf_add(&archive, (struct span){ header, sizeof header });
	do {
		struct span block = span_part(tar, 0, BLOCK);

		tar = span_part(tar, block.size, tar.size);
		for (int i = 0; i < 3; i++)
			header[i] = (uint8_t)((block.size << 3 | (tar.size == 0)) >> (8 * i));
		buf_add(&archive, (struct span){ header, 3 });
		buf_add(&archive, block);
	} while (tar.size);
	read_all(buf_span(&archive));
	buf_done(&archive);
	return 0;
}
