/* SPDX-License-Identifier: Apache-2.0 */
/*
 * packtree OUT ROOT [KEY.pem CERTIFICATE.pem]: every file below ROOT into an archive, through the
 * same doors as the collector; prints the read-back code. For tests that other programs judge.
 * With --long as ROOT: one file, whose path is longer than any system call takes.
 */
#include <stdio.h>
#include <stdlib.h>

#include "lib/os.h"

enum { PEM_MOST = 1 << 20 };

static int take_tree(struct os_root *root, struct span path, struct sink *out, struct fail *f);

static int take_one(struct os_root *root, struct span path, struct sink *out, struct fail *f)
{
	struct buf link = { 0 };
	struct file_facts facts;
	struct os_file file;
	int result = os_stat(root, path, false, &facts, &link, f);

	if (!result && facts.kind == 'd') {
		result = take_tree(root, path, out, f);
	} else if (!result && facts.kind == 'f') {
		result = os_file_open(&file, root, path, f);
		if (!result) {
			result = out->file(out, &file.facts, &file.source, f);
			os_file_close(&file);
		}
	} else if (!result) {
		result = out->file(out, &facts, NULL, f);
	}
	buf_done(&link);
	return result;
}

static int take_tree(struct os_root *root, struct span path, struct sink *out, struct fail *f)
{
	struct buf names = { 0 }, inner = { 0 };
	struct span rest, name;
	int result = os_list(root, path, &names, f);

	rest = buf_span(&names);
	while (!result && list_next(&rest, &name)) {
		buf_clear(&inner);
		buf_add(&inner, path);
		buf_byte(&inner, '/');
		buf_add(&inner, name);
		result = take_one(root, buf_span(&inner), out, f);
	}
	buf_done(&names);
	buf_done(&inner);
	return result;
}

static int take_long(struct sink *out, struct fail *f)
{
	struct file_facts facts = { .kind = 'f', .size = 5, .mode = 0600, .modified = { true, 1, 0 } };
	struct memory_source in;
	struct buf path = { 0 };
	int result;

	for (int i = 0; i < 5000; i++)
		buf_byte(&path, i % 250 ? 'd' : '/');
	facts.path = buf_span(&path);
	memory_source_init(&in, span_of("deep\n"));
	result = out->file(out, &facts, &in.source, f);
	buf_done(&path);
	return result;
}

static int open_signer(struct signer **signer, char **pems, struct fail *f)
{
	struct buf key = { 0 }, certificate = { 0 };
	int result;

	if (!pems[0])
		return signer_make(signer, "packtree", f);
	result = os_read_whole(pems[0], PEM_MOST, &key, f) || os_read_whole(pems[1], PEM_MOST, &certificate, f) ||
	         signer_open(signer, buf_span(&key), buf_span(&certificate), f) ? -1 : 0;
	buf_done(&key);
	buf_done(&certificate);
	return result;
}

int main(int argc, char **argv)
{
	char code[PACK_CODE] = "";
	struct pack_writer *pack = NULL;
	struct signer *signer = NULL;
	struct os_root *root = NULL;
	struct output *out;
	struct fail f;
	bool is_long = argc == 3 && strcmp(argv[2], "--long") == 0;
	int result = -1;

	if (argc != 3 && argc != 5)
		return 2;
	if (os_root_open(&root, is_long ? "/" : argv[2], &f) == 0 && open_signer(&signer, argv + 3, &f) == 0 &&
	    os_output_open(&out, argv[1], &f) == 0 &&
	    pack_writer_open(&pack, out, signer, span_of("{\"case\":\"packtree\"}"), &f) == 0)
		result = (is_long ? take_long(pack_writer_sink(pack), &f) :
		                    take_tree(root, span_of(""), pack_writer_sink(pack), &f)) ||
		         pack_writer_end(pack, code, &f) || os_output_keep(out, &f) ? -1 : 0;
	pack_writer_close(pack);
	signer_close(signer);
	os_root_close(root);
	if (result)
		fprintf(stderr, "packtree: %s\n", f.text[LANG_EN]);
	else
		printf("%s\n", code);
	return result ? 1 : 0;
}
