/* What a call centre does: conferences with whispers, recordings with pauses, a look at the threads that
 * keep time. One engine is the centre, the other has everybody who is called. The folder is the
 * program's argument. */
#include <math.h>

#include "check.h"

enum { RATE = 16000, FRAME = 320, CUSTOMER = 0, AGENT = 1, SUPERVISOR = 2, PEOPLE = 3 };

/* A call of the centre, and what its far end says and hears. */
struct person {
  uint64_t call, far_call, mouth, ear;
};

static void talk_to(sidetone_engine *centre, sidetone_engine *far, struct person *person) {
  sidetone_inject_options inject;
  sidetone_dial_options options;
  sidetone_tap_options tap;
  sidetone_event event;
  char uri[128];
  sidetone_dial_options_init(&options, sizeof options);
  options.codecs[0] = SIDETONE_CODEC_PCMU;
  engine_uri(far, "somebody", uri, sizeof uri);
  EXPECT(OK, sidetone_call_dial(centre, 0, uri, -1, &options, &person->call, NULL));
  await_event(far, SIDETONE_EVENT_INCOMING_CALL, -1, &event);
  person->far_call = event.call;
  EXPECT(OK, sidetone_call_answer(far, person->far_call, NULL, NULL));
  await_event(centre, SIDETONE_EVENT_CALL, SIDETONE_CALL_CONNECTED, &event);
  sidetone_inject_options_init(&inject, sizeof inject);
  inject.sample_rate_hz = RATE;
  inject.buffer_ms = 60000;
  EXPECT(OK, sidetone_inject_open(far, person->far_call, &inject, &person->mouth));
  sidetone_tap_options_init(&tap, sizeof tap);
  tap.sample_rate_hz = RATE;
  tap.buffer_ms = 10000;
  EXPECT(OK, sidetone_tap_open(far, person->far_call, &tap, &person->ear));
}

/* Says half a second of something loud, in the place of what was still to be said. */
static void say(sidetone_engine *far, const struct person *person) {
  static int16_t loud[RATE / 2];
  size_t index;
  for (index = 0; index < RATE / 2; ++index) loud[index] = index % 32 < 16 ? 9000 : -9000;
  EXPECT(OK, sidetone_inject_write(far, person->mouth, loud, RATE / 2, NULL));
}

/* Whether the next frame of an ear is loud. */
static int is_loud(sidetone_engine *far, const struct person *person) {
  int16_t pcm[FRAME];
  sidetone_tap_frame frame;
  int32_t status;
  int index, loud = 0;
  frame.size = sizeof frame;
  status = sidetone_tap_read(far, person->ear, pcm, FRAME, 20000, &frame);
  expect_at(__LINE__, "tap_read", SIDETONE_OK, status);
  REQUIRE(status == SIDETONE_OK);
  for (index = 0; index < FRAME; ++index) loud |= abs(pcm[index]) > 1000;
  return loud;
}

static void listen(sidetone_engine *far, const struct person *person, int frames) {
  while (frames-- > 0) is_loud(far, person);
}

/* Reads away what an ear has heard until now. */
static void forget(sidetone_engine *far, const struct person *person) {
  int16_t pcm[FRAME];
  sidetone_tap_frame frame;
  frame.size = sizeof frame;
  while (sidetone_tap_read(far, person->ear, pcm, FRAME, 0, &frame) == SIDETONE_OK) continue;
}

/* One speaks: those who are to hear it (bits) do, from its begin to its end, and no other. */
static void hear(sidetone_engine *far, const struct person *people, int mouth, unsigned hearers) {
  int ear, most = 50;
  for (ear = 0; ear < PEOPLE; ++ear) forget(far, &people[ear]);
  say(far, &people[mouth]);
  for (ear = 0; ear < PEOPLE; ++ear) {
    int frames = 0, heard = 0, quiet = 0;
    if ((hearers >> ear & 1) == 0) continue;
    while (frames < 1000 && (heard < 10 || quiet < 10)) {
      int loud = is_loud(far, &people[ear]);
      heard += loud;
      quiet = loud ? 0 : quiet + 1;
      ++frames;
    }
    CHECK(heard >= 10);
    if (frames > most) most = frames;
  }
  for (ear = 0; ear < PEOPLE; ++ear) {
    int frames, heard = 0;
    if ((hearers >> ear & 1) != 0) continue;
    for (frames = 0; frames < most; ++frames) heard += is_loud(far, &people[ear]);
    CHECK(heard == 0);
  }
}

static void done(sidetone_engine *engine, uint64_t request, int32_t status) {
  sidetone_event event;
  do await_event(engine, SIDETONE_EVENT_REPLY, -1, &event);
  while (event.request != request);
  expect_at(__LINE__, "reply", status, event.status);
}

static void confer(sidetone_engine *centre, sidetone_engine *far, struct person *people) {
  uint64_t conference = 0, other = 0, request = 0, calls[PEOPLE];
  uint64_t customer = people[CUSTOMER].call, supervisor = people[SUPERVISOR].call;
  uint32_t count = 7;
  int who;

  EXPECT(OK, sidetone_conference_create(centre, &conference));
  EXPECT(OK, sidetone_conference_gain(centre, conference, supervisor, customer, -INFINITY, NULL));
  for (who = 0; who < PEOPLE; ++who) {
    EXPECT(OK, sidetone_conference_add(centre, conference, people[who].call, &request));
    done(centre, request, SIDETONE_OK);
  }
  EXPECT(ERR_TOO_SMALL, sidetone_conference_calls(centre, conference, calls, 2, &count));
  CHECK(count == PEOPLE && calls[1] == people[AGENT].call);
  hear(far, people, CUSTOMER, (1u << AGENT | 1u << SUPERVISOR));
  hear(far, people, SUPERVISOR, 1u << AGENT); /* a whisper */
  EXPECT(OK, sidetone_conference_gain(centre, conference, supervisor, customer, 0.0f, &request));
  done(centre, request, SIDETONE_OK);
  hear(far, people, SUPERVISOR, (1u << AGENT | 1u << CUSTOMER)); /* it barges in */

  EXPECT(OK, sidetone_conference_create(centre, &other));
  EXPECT(OK, sidetone_conference_add(centre, other, customer, &request));
  done(centre, request, SIDETONE_ERR_WRONG_STATE);
  EXPECT(OK, sidetone_conference_remove(centre, conference, supervisor, &request));
  done(centre, request, SIDETONE_OK);
  EXPECT(OK, sidetone_conference_remove(centre, conference, supervisor, &request));
  done(centre, request, SIDETONE_ERR_WRONG_STATE);
  hear(far, people, AGENT, 1u << CUSTOMER);
  EXPECT(OK, sidetone_conference_destroy(centre, conference, &request));
  done(centre, request, SIDETONE_OK);
  hear(far, people, AGENT, 0);
  EXPECT(ERR_STALE_ID, sidetone_conference_calls(centre, conference, calls, PEOPLE, &count));
  EXPECT(OK, sidetone_conference_destroy(centre, other, NULL));
}

/* What a file has behind its samples. */
static int has_text(const char *path, const char *text) {
  static char bytes[1 << 21];
  FILE *file = fopen(path, "rb");
  size_t length = file == NULL ? 0 : fread(bytes, 1, sizeof bytes, file), at;
  if (file != NULL) fclose(file);
  for (at = 0; at + strlen(text) <= length; ++at)
    if (memcmp(bytes + at, text, strlen(text)) == 0) return 1;
  return 0;
}

static void record(sidetone_engine *centre, sidetone_engine *far, struct person *person,
                   const char *folder) {
  uint64_t request = 0;
  sidetone_event event;
  uint32_t began;
  char path[512];
  snprintf(path, sizeof path, "%s/centre.wav", folder);
  EXPECT(OK, sidetone_call_record_pause(centre, person->call, &request));
  done(centre, request, SIDETONE_ERR_WRONG_STATE);
  EXPECT(OK, sidetone_call_record(centre, person->call, path, -1, &request));
  done(centre, request, SIDETONE_OK);
  forget(far, person);
  listen(far, person, 50); /* a second */
  EXPECT(OK, sidetone_call_record_pause(centre, person->call, NULL));
  await_event(centre, SIDETONE_EVENT_RECORD_PAUSED, 1, &event);
  began = event.duration_ms;
  CHECK(event.call == person->call && began > 0);
  listen(far, person, 25);
  EXPECT(OK, sidetone_call_record_resume(centre, person->call, &request));
  await_event(centre, SIDETONE_EVENT_RECORD_PAUSED, 0, &event);
  CHECK(event.duration_ms == began);
  listen(far, person, 25);
  EXPECT(OK, sidetone_call_record_stop(centre, person->call, NULL));
  await_event(centre, SIDETONE_EVENT_RECORD_FINISHED, -1, &event);
  CHECK(event.status == SIDETONE_OK && event.count == 0);
  CHECK(has_text(path, "paused for ") && has_text(path, "cue "));
}

static void look_at_threads(sidetone_engine *engine) {
  sidetone_engine_health health;
  char text[256] = "", small[4];
  uint32_t needed = 0;
  health.size = sizeof health;
  EXPECT(OK, sidetone_engine_health_read(engine, &health));
  CHECK(health.size == sizeof health && health.workers > 0 && health.rounds > 100);
  CHECK(health.late_rounds <= health.rounds);
  CHECK(health.round_late_p50_us <= health.round_late_p99_us);
  CHECK(health.round_late_p99_us <= health.round_late_max_us);
  CHECK(health.worker_priority == SIDETONE_PRIORITY_REFUSED ? health.worker_error != 0
                                                            : health.worker_error == 0);
  CHECK(health.callback_priority == SIDETONE_PRIORITY_NOT_ASKED && health.callback_error == 0);
  CHECK(health.playback_callbacks == 0 && health.deadline_misses == 0);
  EXPECT(OK, sidetone_engine_priority_read(engine, SIDETONE_THREADS_WORKERS, text, sizeof text, NULL));
  CHECK((strstr(text, "refused") != NULL) == (health.worker_priority == SIDETONE_PRIORITY_REFUSED));
  EXPECT(ERR_TOO_SMALL,
         sidetone_engine_priority_read(engine, SIDETONE_THREADS_CALLBACKS, small, 4, &needed));
  CHECK(needed == sizeof "not asked for");
}

/* What is refused at once. */
static void bad_arguments(sidetone_engine *engine) {
  const uint64_t never_call = 2ull << 56 | 9ull << 32, never = 8ull << 56 | 9ull << 32;
  uint64_t conference = 7, request = 7;
  sidetone_engine_health health;
  uint32_t count = 7;
  EXPECT(ERR_NULL_POINTER, sidetone_conference_create(engine, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_conference_create(NULL, &conference));
  CHECK(conference == SIDETONE_ID_NONE);
  EXPECT(ERR_WRONG_KIND, sidetone_conference_destroy(engine, never_call, &request));
  CHECK(request == 0);
  EXPECT(ERR_STALE_ID, sidetone_conference_destroy(engine, never, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_conference_destroy(NULL, never, NULL));
  EXPECT(OK, sidetone_conference_create(engine, &conference));
  EXPECT(ERR_STALE_ID, sidetone_conference_add(engine, conference, never_call, NULL));
  EXPECT(ERR_WRONG_KIND, sidetone_conference_add(engine, conference, 0, NULL));
  EXPECT(ERR_STALE_ID, sidetone_conference_add(engine, never, never_call, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_conference_add(NULL, conference, never_call, NULL));
  EXPECT(ERR_STALE_ID, sidetone_conference_remove(engine, conference, never_call, NULL));
  EXPECT(ERR_WRONG_KIND, sidetone_conference_remove(engine, conference, conference, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_conference_remove(NULL, conference, never_call, NULL));
  EXPECT(ERR_STALE_ID, sidetone_conference_gain(engine, conference, never_call, 0, 0.0f, NULL));
  EXPECT(ERR_INVALID_ARGUMENT, sidetone_conference_gain(engine, conference, 0, 0, 0.0f, NULL));
  EXPECT(ERR_INVALID_ARGUMENT,
         sidetone_conference_gain(engine, conference, never_call, 0, 24.5f, NULL));
  EXPECT(ERR_INVALID_ARGUMENT,
         sidetone_conference_gain(engine, conference, never_call, 0, (float)NAN, NULL));
  EXPECT(ERR_WRONG_KIND, sidetone_conference_gain(engine, conference, conference, 0, 0.0f, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_conference_gain(NULL, conference, 0, 0, 0.0f, NULL));
  EXPECT(OK, sidetone_conference_calls(engine, conference, NULL, 0, &count));
  CHECK(count == 0);
  EXPECT(ERR_NULL_POINTER, sidetone_conference_calls(engine, conference, NULL, 1, &count));
  EXPECT(ERR_WRONG_KIND, sidetone_conference_calls(engine, never_call, NULL, 0, &count));
  EXPECT(ERR_NULL_POINTER, sidetone_conference_calls(NULL, conference, NULL, 0, &count));
  EXPECT(OK, sidetone_conference_destroy(engine, conference, NULL));

  EXPECT(ERR_STALE_ID, sidetone_call_record_pause(engine, never_call, NULL));
  EXPECT(ERR_WRONG_KIND, sidetone_call_record_pause(engine, never, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_call_record_pause(NULL, never_call, NULL));
  EXPECT(ERR_STALE_ID, sidetone_call_record_resume(engine, never_call, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_call_record_resume(NULL, never_call, NULL));

  health.size = sizeof health;
  EXPECT(ERR_NULL_POINTER, sidetone_engine_health_read(engine, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_engine_health_read(NULL, &health));
  health.size = sizeof health - 4;
  EXPECT(ERR_STRUCT_SIZE, sidetone_engine_health_read(engine, &health));
  EXPECT(ERR_INVALID_ARGUMENT, sidetone_engine_priority_read(engine, 0, NULL, 0, &count));
  EXPECT(ERR_INVALID_ARGUMENT, sidetone_engine_priority_read(engine, 3, NULL, 0, &count));
  EXPECT(ERR_NULL_POINTER, sidetone_engine_priority_read(NULL, 1, NULL, 0, &count));
}

int main(int argc, char **argv) {
  sidetone_engine *centre = loopback_engine(), *far = loopback_engine();
  struct person people[PEOPLE];
  int who;
  REQUIRE(argc == 2);
  bad_arguments(centre);
  for (who = 0; who < PEOPLE; ++who) talk_to(centre, far, &people[who]);
  confer(centre, far, people);
  record(centre, far, &people[CUSTOMER], argv[1]);
  look_at_threads(centre);
  EXPECT(OK, sidetone_engine_destroy(centre));
  EXPECT(OK, sidetone_engine_destroy(far));
  printf("%d failures\n", failures);
  return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
