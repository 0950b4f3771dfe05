/* SPDX-License-Identifier: Apache-2.0 */
#include "triage/parse/remarks.h"

struct remarks remarks_of(struct sink *out, const char *module, const struct origin *origin)
{
	return (struct remarks){ .out = out, .module = module, .item = origin->path };
}

static int give(struct remarks *r, int64_t offset, const struct fail *reason, struct fail *f)
{
	struct note note = { .module = r->module, .item = r->item, .offset = offset, .reason = reason };

	return r->out->note(r->out, &note, f);
}

int remark(struct remarks *r, int64_t offset, struct fail *f, const char *english, ...)
{
	struct fail reason;
	va_list arguments;

	if (r->count++ >= REMARKS_LISTED)
		return 0;
	va_start(arguments, english);
	fail_vset(&reason, english, arguments);
	va_end(arguments);
	return give(r, offset, &reason, f);
}

int remarks_end(struct remarks *r, struct fail *f)
{
	struct fail reason;

	if (r->count <= REMARKS_LISTED)
		return 0;
	fail_set(&reason, "%lld more remarks on this file are not listed",
	         (long long)(r->count - REMARKS_LISTED));
	return give(r, -1, &reason, f);
}
