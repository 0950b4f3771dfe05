/* SPDX-License-Identifier: Apache-2.0 */
#include "triage/host_named.h"

int host_named(struct store *s, const char *name, int64_t *id, struct fail *f)
{
	struct query *q;
	int got;

	if (query_open(&q, s, "SELECT id FROM host_identity WHERE name = ?1 OR key = ?1 UNION SELECT host_id "
	               "FROM host_alias WHERE alias = ?1 ORDER BY 1 LIMIT 1", f))
		return -1;
	query_text(q, 1, span_of(name));
	got = query_step(q, f);
	if (got == 1)
		*id = query_number(q, 0);
	query_close(q);
	return got == 1 ? 0 : got < 0 ? -1 : fail_set(f, "there is no host '%s' in this case file", name);
}
