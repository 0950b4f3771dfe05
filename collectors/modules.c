/* SPDX-License-Identifier: Apache-2.0 */
#include "collectors/module.h"

#include "collectors/platform.h"

#define MODULE(platform, name) MODULE_##platform(extern const struct module module_##name;)
#include "collectors/modules.def"
#undef MODULE

const struct module *const modules[] = {
#define MODULE(platform, name) MODULE_##platform(&module_##name COMMA)
#include "collectors/modules.def"
#undef MODULE
	NULL,
};

int collection_note(struct collection *c, struct span item, const struct fail *why, struct fail *f)
{
	struct note note = { .module = c->module, .item = item, .offset = -1, .reason = why };

	return c->sink->note(c->sink, &note, f);
}

bool collection_stopped(const struct collection *c)
{
	return *c->stop || (c->full && *c->full) || (c->deadline && os_monotonic() >= c->deadline);
}
