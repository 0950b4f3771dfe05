/* SPDX-License-Identifier: Apache-2.0 */
/* The three views of modules, in made-up trees. */
#include "tests/unit/test.h"

#include <stdlib.h>

#include "collectors/module.h"
#include "tests/unit/tree.h"

extern const struct module module_kernel_module;

static const char proc_text[] =
	"nf_nat 57344 1 nft_chain_nat, Live 0xffffffffc0a5e000\n"
	"evil 16384 0 - Live 0xffffffffc0b00000 (OE)\n"
	"going 8192 -1 - Unloading 0xffffffffc0c00000\n";
static const char symbols_text[] =
	"ffffffff81000000 T _text\n"
	"ffffffffc0a5e000 t nf_nat_hook\t[nf_nat]\n"
	"ffffffffc0a5e010 t nf_nat_init\t[nf_nat]\n"
	"ffffffffc0d00000 t secret_init\t[rootkit]\n"
	"ffffffffc0e00000 t bpf_prog_6deef7357e7b4530\t[bpf]\n"
	"ffffffffc0e00010 t bpf_x\t[__builtin__kprobes]\n";

static void run(const struct tree *t, struct capture *got)
{
	static volatile const int stop = 0;
	struct collection c = { .live = true, .pass = 1, .module = "kernel_module", .stop = &stop };
	struct fail f = { 0 };

	capture_init(got);
	c.sink = &got->sink;
	CHECK_INT(os_root_open(&c.root, t->path, &f), 0);
	CHECK_INT(module_kernel_module.run(&c, &f), 0);
	os_root_close(c.root);
}

static void fill(const struct tree *t)
{
	tree_file(t, "proc/modules", proc_text);
	tree_file(t, "proc/kallsyms", symbols_text);
	tree_file(t, "sys/module/nf_nat/initstate", "live\n");
	tree_file(t, "sys/module/nf_nat/srcversion", "ABCDEF0123456789\n");
	tree_file(t, "sys/module/evil/initstate", "live\n");
	tree_file(t, "sys/module/evil/version", "1.0\n");
	tree_file(t, "sys/module/going/initstate", "going\n");
	tree_file(t, "sys/module/printk/parameters/time", "Y\n");
}

TEST(modules_by_three_views)
{
	struct tree t = tree_make();
	struct capture got;

	fill(&t);
	run(&t, &got);
	CHECK_SPAN(buf_span(&got.lines), span_of(
		"{\"name\":\"nf_nat\",\"size\":57344,\"uses\":1,\"state\":\"Live\","
		"\"views\":[\"proc\",\"sys\",\"kallsyms\"],\"version\":\"ABCDEF0123456789\"}\n"
		"{\"name\":\"evil\",\"size\":16384,\"uses\":0,\"state\":\"Live\",\"taint\":\"OE\","
		"\"views\":[\"proc\",\"sys\"],\"version\":\"1.0\"}\n"
		"{\"name\":\"going\",\"size\":8192,\"state\":\"Unloading\",\"views\":[\"proc\",\"sys\"]}\n"
		"{\"name\":\"rootkit\",\"views\":[\"kallsyms\"]}\n"
		"{\"kind\":\"kernel_module\",\"item\":\"rootkit\",\"seen_by\":\"/proc/kallsyms\","
		"\"missing_from\":\"/proc/modules\"}\n"
		"{\"kind\":\"kernel_module\",\"item\":\"rootkit\",\"seen_by\":\"/proc/kallsyms\","
		"\"missing_from\":\"/sys/module\"}\n"));
	CHECK_INT(got.notes, 0);
	capture_done(&got);
	tree_remove(&t);
}

TEST(a_module_that_left_the_list_still_has_its_directory)
{
	struct tree t = tree_make();
	struct capture got;

	tree_file(&t, "proc/modules", "nf_nat 57344 1 - Live 0x0\n");
	tree_file(&t, "sys/module/nf_nat/initstate", "live\n");
	tree_file(&t, "sys/module/reptile/initstate", "live\n");
	run(&t, &got);
	CHECK(span_contains(buf_span(&got.lines), "{\"kind\":\"kernel_module\",\"item\":\"reptile\","
	      "\"seen_by\":\"/sys/module\",\"missing_from\":\"/proc/modules\"}"));
	CHECK_INT(got.rows, 3);
	capture_done(&got);
	tree_remove(&t);
}

TEST(a_kernel_without_modules_has_none)
{
	struct tree t = tree_make();
	struct capture got;

	tree_file(&t, "proc/kallsyms", "ffffffff81000000 T _text\n");
	tree_file(&t, "sys/module/printk/parameters/time", "Y\n");
	run(&t, &got);
	CHECK_INT(got.rows, 0);
	CHECK_INT(got.notes, 0);
	capture_done(&got);
	tree_remove(&t);
}

TEST(odd_lists_are_noted)
{
	struct tree t = tree_make();
	struct capture got;

	tree_file(&t, "proc/modules", "good 1 0 - Live 0x0\n\xff\xfe\nbad\n");
	run(&t, &got);
	CHECK_INT(got.rows, 1);
	CHECK_INT(got.notes, 1);
	capture_done(&got);
	tree_remove(&t);
}
