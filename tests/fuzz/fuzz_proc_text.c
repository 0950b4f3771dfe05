/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "collectors/linux/regions.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void within(struct span whole, struct span part)
{
	if (part.size && (part.data < whole.data || part.data + part.size > whole.data + whole.size))
		abort();
}

/* However the text is cut, the rows are the same. */
static void read_maps(struct span text)
{
	struct regions whole = { 0 }, cut = { 0 };
	size_t middle = text.size / 2;
	struct fail f;

	if (regions_add(&whole, text, &f) || regions_end(&whole, &f) ||
	    regions_add(&cut, span_part(text, 0, middle), &f) ||
	    regions_add(&cut, span_part(text, middle, text.size), &f) || regions_end(&cut, &f))
		abort();
	if (whole.count != cut.count || whole.lines != cut.lines || whole.odd != cut.odd)
		abort();
	for (size_t i = 0; i < whole.count; i++)
		if (whole.items[i].start != cut.items[i].start || whole.items[i].count != cut.items[i].count ||
		    !span_equal(region_path(&whole, &whole.items[i]), region_path(&cut, &cut.items[i])))
			abort();
	regions_done(&whole);
	regions_done(&cut);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = { data, size };
	struct buf list = { 0 }, chosen = { 0 };
	struct proc_stat stat;
	struct proc_status status;
	struct proc_cgroup group = proc_cgroup_read(text);
	struct proc_module module;
	int64_t variables;

	within(text, group.path);
	within(text, group.container);
	if (proc_stat_read(text, &stat))
		within(text, stat.name);
	proc_status_read(text, &status);
	within(text, status.groups);
	if (proc_module_read(text, &module))
		within(text, module.taint);
	proc_arguments(text, &list);
	if (list.size > size + 2)
		abort();
	proc_environment(text, &chosen, &variables);
	if (variables < 0 || (uint64_t)variables > size)
		abort();
	proc_makes_code(text);
	read_maps(text);
	buf_done(&list);
	buf_done(&chosen);
	return 0;
}
