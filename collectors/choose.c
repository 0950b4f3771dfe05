/* SPDX-License-Identifier: Apache-2.0 */
/* Which modules a run takes, and whether its settings can be followed. */
#include "collectors/artifacts.h"
#include "collectors/run.h"

static const char *const profiles[] = {
	[PROFILE_QUICK] = "quick", [PROFILE_STANDARD] = "standard", [PROFILE_FULL] = "full",
};

const char *profile_name(enum profile profile)
{
	return profiles[profile];
}

bool profile_named(const char *name, enum profile *out)
{
	for (int i = PROFILE_QUICK; i <= PROFILE_FULL; i++)
		if (strcmp(name, profiles[i]) == 0) {
			*out = (enum profile)i;
			return true;
		}
	return false;
}

static bool is_listed(const char *list, const char *name)
{
	struct span rest = span_of(list);

	while (rest.size)
		if (span_is(span_until(&rest, ','), name))
			return true;
	return false;
}

bool run_wants(const struct settings *s, const struct module *m, const char **left_out)
{
	*left_out = NULL;
	if (s->modules && !is_listed(s->modules, m->name))
		*left_out = "not-chosen";
	else if ((m->flags & MODULE_LIVE) && strcmp(s->root, "/") != 0)
		*left_out = "not-live";
	else if (!s->modules && m->least > s->profile)
		*left_out = "profile";
	return !*left_out;
}

static bool is_module(struct span name)
{
	for (const struct module *const *m = modules; *m; m++)
		if (span_is(name, (*m)->name))
			return true;
	return false;
}

int run_check(const struct settings *s, struct fail *f)
{
	struct span rest = span_of(s->modules);
	struct artifacts artifacts = { 0 };
	int result;

	while (rest.size) {
		struct span name = span_until(&rest, ',');

		if (!is_module(name))
			return fail_set(f, "there is no module '%.*s'; --plan lists what is taken", (int)name.size,
			                (const char *)name.data);
	}
	if (!s->key != !s->certificate)
		return fail_set(f, "--key and --cert belong together: give both or none");
	result = artifacts_load(&artifacts, s->artifacts, f);
	artifacts_done(&artifacts);
	return result;
}
