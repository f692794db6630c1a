/* Engines made and destroyed again and again, a few of them with a call: nothing may be left of them.
 *
 * growth ROUNDS: what the process has after a tenth of the rounds is compared with what it has at the
 * end. The heap is what malloc has given out and not got back; run it without malloc's caches for each
 * thread (GLIBC_TUNABLES=glibc.malloc.tcache_count=0), which count as given out. */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE
#endif
#include <dirent.h>
#include <malloc.h>
#include <unistd.h>

#include "check.h"

/* What a process has. */
struct holdings {
  unsigned threads, files;
  size_t heap_bytes;
  unsigned long resident_kib;
};

static unsigned entries(const char *folder) {
  unsigned count = 0;
  struct dirent *entry;
  DIR *listed = opendir(folder);
  REQUIRE(listed != NULL);
  while ((entry = readdir(listed)) != NULL) count += entry->d_name[0] != '.';
  closedir(listed);
  return count;
}

static struct holdings measure(void) {
  struct holdings now;
  unsigned long pages = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  REQUIRE(file != NULL && fscanf(file, "%*s %lu", &pages) == 1);
  fclose(file);
  now.threads = entries("/proc/self/task");
  now.files = entries("/proc/self/fd");
  now.heap_bytes = mallinfo2().uordblks;
  now.resident_kib = pages * (unsigned long)sysconf(_SC_PAGESIZE) / 1024;
  return now;
}

static void show(const char *when, struct holdings has) {
  printf("%s: %u threads, %u files, %lu bytes of heap, %lu KiB resident\n", when, has.threads,
         has.files, (unsigned long)has.heap_bytes, has.resident_kib);
}

/* Two engines at once: one calls the other, and hangs up. */
static void make_a_call(sidetone_engine *near) {
  sidetone_engine *far = loopback_engine();
  sidetone_event event;
  uint64_t call = 0;
  char uri[128];
  engine_uri(far, "bob", uri, sizeof uri);
  EXPECT(OK, sidetone_call_dial(near, 0, uri, -1, NULL, &call, NULL));
  await_event(far, SIDETONE_EVENT_INCOMING_CALL, -1, &event);
  EXPECT(OK, sidetone_call_answer(far, event.call, NULL, NULL));
  await_event(near, SIDETONE_EVENT_CALL, SIDETONE_CALL_CONNECTED, &event);
  EXPECT(OK, sidetone_call_hangup(near, call, NULL));
  await_event(near, SIDETONE_EVENT_CALL, SIDETONE_CALL_ENDED, &event);
  await_event(far, SIDETONE_EVENT_CALL, SIDETONE_CALL_ENDED, &event);
  EXPECT(OK, sidetone_engine_destroy(far));
}

int main(int argc, char **argv) {
  struct holdings early, late;
  unsigned round, rounds;
  REQUIRE(argc == 2 && (rounds = (unsigned)atoi(argv[1])) >= 20);
  memset(&early, 0, sizeof early);
  for (round = 1; round <= rounds; ++round) {
    sidetone_engine *engine = loopback_engine();
    if (round % 10 == 0) make_a_call(engine);
    EXPECT(OK, sidetone_engine_destroy(engine));
    /* A fault is planted here. */
    if (round == rounds / 10) early = measure();
  }
  late = measure();
  show("early", early);
  show("late", late);
  CHECK(late.threads == early.threads && late.files == early.files);
  CHECK(late.heap_bytes <= early.heap_bytes + 4 * 1024);
  CHECK(late.resident_kib <= early.resident_kib + 16 * 1024);
  printf("%d failures\n", failures);
  return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
