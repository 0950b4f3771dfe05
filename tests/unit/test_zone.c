/* SPDX-License-Identifier: Apache-2.0 */
/* Zones of the system against zdump, and moments that `date -d` gives. */
#include "lib/os.h"
#include "lib/zone.h"
#include "tests/unit/test.h"

static bool open_file(struct zone **z, const char *path)
{
	struct buf bytes = { 0 };
	struct fail f;
	bool there = os_read_whole(path, 1 << 20, &bytes, &f) == 0;

	if (!there) {
		test_skip(f.text[LANG_EN]);
	} else if (zone_read(z, buf_span(&bytes), &f)) {
		test_fail(__FILE__, __LINE__, path);
		there = false;
	}
	buf_done(&bytes);
	return there;
}

static bool open_zone(struct zone **z, const char *name)
{
	char path[256];

	snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", name);
	return open_file(z, path);
}

/* A time as zdump writes it: "Sun Mar 29 00:59:59 2026". */
static bool zdump_time(struct span *rest, int64_t *out)
{
	struct span month, clock;
	int64_t day, year, part[3];
	struct civil c;

	span_word(rest);
	month = span_word(rest);
	if (!span_number(span_word(rest), &day))
		return false;
	clock = span_word(rest);
	for (int i = 0; i < 3; i++)
		if (!span_number(span_until(&clock, ':'), &part[i]))
			return false;
	if (!span_number(span_word(rest), &year))
		return false;
	c = (struct civil){ year, month_of(month), (int)day, (int)part[0], (int)part[1], (int)part[2], 0 };
	*out = civil_seconds(&c);
	return true;
}

/* zdump -v: NAME  UTC time UT = wall time ABBREVIATION isdst=0 gmtoff=3600 */
static bool check_line(const struct zone *z, struct span line)
{
	struct span offset_text;
	int64_t utc, wall, offset, back;

	span_word(&line);
	if (!zdump_time(&line, &utc))
		return false;
	span_word(&line);
	span_word(&line);
	if (!zdump_time(&line, &wall))
		return false;
	span_word(&line);
	span_word(&line);
	offset_text = span_word(&line);
	span_until(&offset_text, '=');
	CHECK(span_number(offset_text, &offset));
	CHECK_INT(zone_offset(z, utc), offset);
	back = zone_to_utc(z, wall);
	/* Of two moments with the same wall time the first is meant. */
	CHECK(back <= utc);
	CHECK_INT(back + zone_offset(z, back), wall);
	return true;
}

static void compare(const char *name)
{
	char command[256], line[1024];
	struct zone *z;
	int lines = 0;
	FILE *pipe;

	if (!open_zone(&z, name))
		return;
	snprintf(command, sizeof command, "zdump -v -c 1890,2300 %s 2>/dev/null", name);
	pipe = popen(command, "r");
	while (pipe && fgets(line, sizeof line, pipe))
		lines += check_line(z, span_of(line));
	if (pipe)
		pclose(pipe);
	if (lines)
		printf("%s: %d moments agree with zdump\n", name, lines);
	else
		test_skip("zdump is not there");
	zone_close(z);
}

TEST(tokyo_is_as_zdump_shows_it) { compare("Asia/Tokyo"); }
TEST(berlin_is_as_zdump_shows_it) { compare("Europe/Berlin"); }
TEST(new_york_is_as_zdump_shows_it) { compare("America/New_York"); }
TEST(lord_howe_is_as_zdump_shows_it) { compare("Australia/Lord_Howe"); }
TEST(nuuk_is_as_zdump_shows_it) { compare("America/Nuuk"); }
TEST(dublin_is_as_zdump_shows_it) { compare("Europe/Dublin"); }

/* date -u -d 'TZ="Europe/Berlin" 2026-07-01 12:00' +%s and its like. */
TEST(wall_times_as_date_reads_them)
{
	static const struct { const char *zone; struct civil wall; int64_t utc; } cases[] = {
		{ "Asia/Tokyo", { 2026, 3, 1, 9, 0, 0, 0 }, 1772323200 },
		{ "Europe/Berlin", { 2026, 7, 1, 12, 0, 0, 0 }, 1782900000 },
		{ "Europe/Berlin", { 2026, 12, 1, 12, 0, 0, 0 }, 1796122800 },
		{ "America/New_York", { 2050, 7, 4, 12, 0, 0, 0 }, 2540563200 },
		{ "Australia/Lord_Howe", { 2026, 1, 15, 0, 0, 0, 0 }, 1768395600 },
		{ "Australia/Lord_Howe", { 2026, 7, 15, 0, 0, 0, 0 }, 1784035800 },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct zone *z;

		if (!open_zone(&z, cases[i].zone))
			return;
		CHECK_INT(zone_to_utc(z, civil_seconds(&cases[i].wall)), cases[i].utc);
		zone_close(z);
	}
}

TEST(a_wall_time_that_exists_twice_or_never)
{
	/* In Berlin 2026-10-25 02:30 comes at 00:30Z and 01:30Z; 2026-03-29 02:30 does not come. */
	struct civil twice = { 2026, 10, 25, 2, 30, 0, 0 }, never = { 2026, 3, 29, 2, 30, 0, 0 };
	struct zone *z;

	if (!open_zone(&z, "Europe/Berlin"))
		return;
	CHECK_INT(zone_to_utc(z, civil_seconds(&twice)), civil_seconds(&twice) - 7200);
	CHECK_INT(zone_to_utc(z, civil_seconds(&never)), civil_seconds(&never) - 3600);
	zone_close(z);
}

TEST(rules_of_other_forms)
{
	/* XXX3EDT4,0/0,J365/23: summer all year, four hours west (RFC 8536, 3.3.1). */
	struct civil leap = { 2024, 3, 1, 0, 0, 0, 0 }, common = { 2025, 3, 1, 0, 0, 0, 0 };
	struct zone *z;

	if (open_file(&z, SOURCE_DIR "/tests/fuzz/corpus/zone/all_year")) {
		CHECK_INT(zone_offset(z, 1767225600), -4 * 3600);
		CHECK_INT(zone_offset(z, 1767236400), -4 * 3600);
		CHECK_INT(zone_offset(z, 1782900000), -4 * 3600);
		zone_close(z);
	}
	/* XXX-1<A+02>-2:30:15,J60/-3,300/25:30: J60 is 1 March in every year; 03:00 before midnight. */
	if (open_file(&z, SOURCE_DIR "/tests/fuzz/corpus/zone/julian")) {
		CHECK_INT(zone_offset(z, civil_seconds(&leap) - 4 * 3600 - 1), 3600);
		CHECK_INT(zone_offset(z, civil_seconds(&leap) - 4 * 3600), 9015);
		CHECK_INT(zone_offset(z, civil_seconds(&common) - 4 * 3600 - 1), 3600);
		CHECK_INT(zone_offset(z, civil_seconds(&common) - 4 * 3600), 9015);
		zone_close(z);
	}
	if (open_file(&z, SOURCE_DIR "/tests/fuzz/corpus/zone/version1")) {
		CHECK_INT(zone_offset(z, -1), 3600);
		CHECK_INT(zone_offset(z, 0), 7200);
		CHECK_INT(zone_offset(z, 1000000000), 3600);
		CHECK_INT(zone_offset(z, INT64_MAX), 3600);
		zone_close(z);
	}
}

TEST(a_fixed_offset)
{
	struct zone *z;
	struct fail f;

	CHECK(zone_fixed(&z, 32400, &f) == 0);
	CHECK_INT(zone_offset(z, 0), 32400);
	CHECK_INT(zone_to_utc(z, 32400), 0);
	zone_close(z);
	CHECK(zone_fixed(&z, 100000, &f) != 0);
}

TEST(damaged_bytes_are_refused)
{
	static const char *const bad[] = { "", "TZif", "TZif2", "GIF89a and more than forty-four bytes of text, truly" };
	struct zone *z;
	struct fail f;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		CHECK(zone_read(&z, span_of(bad[i]), &f) != 0);
}
