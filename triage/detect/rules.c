/* SPDX-License-Identifier: Apache-2.0 */
#include "triage/detect/themes.h"

#include <stddef.h>
#include <string.h>

const struct rule *const rule_lists[] = {
	rules_process, rules_memory, rules_network, rules_autorun, rules_account, rules_logon, rules_log,
	rules_shell, rules_file, rules_kernel, NULL,
};

const struct rule *rule_named(const char *id)
{
	for (size_t i = 0; rule_lists[i]; i++)
		for (const struct rule *r = rule_lists[i]; r->id; r++)
			if (strcmp(r->id, id) == 0)
				return r;
	return NULL;
}
