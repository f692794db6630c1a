/* What threads may do to each other: pull twice, wake, destroy while another waits, an event callback
 * that calls back, a taken port, an interface by its name; and that none is left. */
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif
#include <pthread.h>

#include "check.h"
#include "process.h"

static void pause_ms(long ms) {
  struct timespec time;
  time.tv_sec = ms / 1000;
  time.tv_nsec = ms % 1000 * 1000000;
  nanosleep(&time, NULL);
}

/* Pulls until something else than an event comes, and returns that. */
static void *pull_all(void *user) {
  sidetone_engine *engine = (sidetone_engine *)user;
  sidetone_event event;
  int32_t status;
  event.size = sizeof event;
  do status = sidetone_event_next(engine, -1, &event);
  while (status == SIDETONE_OK);
  return (void *)(intptr_t)status;
}

static int32_t join(pthread_t thread) {
  void *result = NULL;
  REQUIRE(pthread_join(thread, &result) == 0);
  return (int32_t)(intptr_t)result;
}

static void one_thread_pulls_and_can_be_woken(void) {
  sidetone_engine *engine = loopback_engine();
  sidetone_event event;
  pthread_t thread;
  int32_t status = SIDETONE_ERR_TIMEOUT;
  event.size = sizeof event;
  REQUIRE(pthread_create(&thread, NULL, pull_all, engine) == 0);
  while (status == SIDETONE_ERR_TIMEOUT) { /* until the other one has it */
    pause_ms(1);
    status = sidetone_event_next(engine, 0, &event);
  }
  EXPECT(ERR_WRONG_THREAD, status);
  EXPECT(OK, sidetone_wake(engine));
  EXPECT(ERR_TIMEOUT, join(thread));
  EXPECT(OK, sidetone_wake(engine)); /* before the wait counts, too */
  EXPECT(ERR_TIMEOUT, sidetone_event_next(engine, -1, &event));
  CHECK(event.kind == SIDETONE_EVENT_NONE && event.text.data[0] == 0);
  EXPECT(ERR_TIMEOUT, sidetone_event_next(engine, 20, &event));
  EXPECT(OK, sidetone_engine_destroy(engine));
}

static void destroy_ends_a_wait(void) {
  sidetone_engine *engine = loopback_engine();
  pthread_t thread;
  REQUIRE(pthread_create(&thread, NULL, pull_all, engine) == 0);
  pause_ms(50);
  EXPECT(OK, sidetone_engine_destroy(engine));
  EXPECT(ERR_SHUTDOWN, join(thread));
}

struct reader {
  sidetone_engine *engine;
  uint64_t tap;
};

/* Reads until something else than a frame comes, and returns that. */
static void *read_all(void *user) {
  const struct reader *reader = (const struct reader *)user;
  int16_t samples[SIDETONE_TAP_SAMPLES_MAX];
  sidetone_tap_frame frame;
  int32_t status;
  frame.size = sizeof frame;
  do status = sidetone_tap_read(reader->engine, reader->tap, samples, SIDETONE_TAP_SAMPLES_MAX, -1,
                                &frame);
  while (status == SIDETONE_OK);
  return (void *)(intptr_t)status;
}

/* A read that waits for ever is ended by the close of its tap, and by the end of the engine. */
static void a_close_and_a_shutdown_end_a_read(void) {
  struct reader readers[2];
  pthread_t threads[2];
  char uri[64];
  udp_socket silent; /* a port that is closed would end the call at once */
  uint64_t call = 0;
  unsigned index;
  snprintf(uri, sizeof uri, "sip:nobody@127.0.0.1:%d", bind_udp(&silent, 0));
  readers[0].engine = readers[1].engine = loopback_engine();
  EXPECT(OK, sidetone_call_dial(readers[0].engine, 0, uri, -1, NULL, &call, NULL));
  for (index = 0; index < 2; ++index) {
    EXPECT(OK, sidetone_tap_open(readers[index].engine, call, NULL, &readers[index].tap));
    REQUIRE(pthread_create(&threads[index], NULL, read_all, &readers[index]) == 0);
  }
  EXPECT(OK, sidetone_tap_close(readers[0].engine, readers[0].tap));
  EXPECT(ERR_STALE_ID, join(threads[0]));
  EXPECT(OK, sidetone_engine_shutdown(readers[1].engine, 0));
  EXPECT(ERR_ENDED, join(threads[1]));
  EXPECT(OK, sidetone_engine_destroy(readers[1].engine));
  close_udp(silent);
}

struct seen {
  sidetone_engine *engine;
  pthread_mutex_t lock;
  unsigned events, ended, stopped, refused, answered;
};

static void on_event(const sidetone_event *event, void *user) {
  struct seen *seen = (struct seen *)user;
  sidetone_event other;
  other.size = sizeof other;
  pthread_mutex_lock(&seen->lock);
  ++seen->events;
  if (event->kind == SIDETONE_EVENT_STOPPED) ++seen->stopped;
  if (event->kind == SIDETONE_EVENT_CALL && event->state == SIDETONE_CALL_ENDED) ++seen->ended;
  if (event->kind == SIDETONE_EVENT_INCOMING_CALL &&
      sidetone_call_answer(seen->engine, event->call, NULL, NULL) == SIDETONE_OK)
    ++seen->answered;
  if (sidetone_engine_destroy(seen->engine) == SIDETONE_ERR_WRONG_THREAD &&
      sidetone_event_thread_stop(seen->engine) == SIDETONE_ERR_WRONG_THREAD &&
      sidetone_event_next(seen->engine, 0, &other) == SIDETONE_ERR_WRONG_THREAD)
    ++seen->refused;
  pthread_mutex_unlock(&seen->lock);
}

static void the_event_callback_answers_but_may_not_destroy(void) {
  sidetone_engine *near = loopback_engine();
  struct seen seen;
  sidetone_event event;
  char uri[128];
  uint64_t call = 0;
  memset(&seen, 0, sizeof seen);
  pthread_mutex_init(&seen.lock, NULL);
  seen.engine = loopback_engine();
  EXPECT(OK, sidetone_event_thread_stop(seen.engine));
  EXPECT(OK, sidetone_event_thread_start(seen.engine, on_event, &seen));
  EXPECT(ERR_WRONG_STATE, sidetone_event_thread_start(seen.engine, on_event, &seen));
  event.size = sizeof event;
  EXPECT(ERR_WRONG_THREAD, sidetone_event_next(seen.engine, 0, &event));
  engine_uri(seen.engine, "bob", uri, sizeof uri);
  EXPECT(OK, sidetone_call_dial(near, 0, uri, -1, NULL, &call, NULL));
  await_event(near, SIDETONE_EVENT_CALL, SIDETONE_CALL_CONNECTED, &event);
  EXPECT(OK, sidetone_call_hangup(near, call, NULL));
  await_event(near, SIDETONE_EVENT_CALL, SIDETONE_CALL_ENDED, &event);
  EXPECT(OK, sidetone_engine_destroy(near));
  /* Stopped, the events wait for a pull; started again, they go on. */
  EXPECT(OK, sidetone_event_thread_stop(seen.engine));
  EXPECT(OK, sidetone_event_thread_start(seen.engine, on_event, &seen));
  EXPECT(OK, sidetone_engine_destroy(seen.engine));
  CHECK(seen.answered == 1 && seen.ended == 1 && seen.stopped == 1);
  CHECK(seen.events >= 4 && seen.refused == seen.events);
  pthread_mutex_destroy(&seen.lock);
}

/* A thread of the library that is started while another one waits for events has them from then on. */
static void the_event_callback_takes_over_from_a_wait(void) {
  struct seen seen;
  sidetone_event event;
  pthread_t thread;
  memset(&seen, 0, sizeof seen);
  pthread_mutex_init(&seen.lock, NULL);
  seen.engine = loopback_engine();
  event.size = sizeof event;
  REQUIRE(pthread_create(&thread, NULL, pull_all, seen.engine) == 0);
  while (sidetone_event_next(seen.engine, 0, &event) != SIDETONE_ERR_WRONG_THREAD) pause_ms(1);
  EXPECT(OK, sidetone_event_thread_start(seen.engine, on_event, &seen));
  EXPECT(ERR_TIMEOUT, join(thread));
  EXPECT(OK, sidetone_engine_destroy(seen.engine));
  CHECK(seen.stopped == 1);
  pthread_mutex_destroy(&seen.lock);
}

static void *dial_and_hang_up(void *user) {
  sidetone_engine *engine = (sidetone_engine *)user;
  unsigned round;
  for (round = 0; round < 50; ++round) {
    uint64_t call = 0, tap = 0, injection = 0, flushed;
    int16_t samples[SIDETONE_TAP_SAMPLES_MAX] = {0};
    sidetone_tap_frame frame;
    sidetone_call_info info;
    sidetone_engine_stats stats;
    frame.size = sizeof frame;
    info.size = sizeof info;
    stats.size = sizeof stats;
    if (sidetone_call_dial(engine, 0, "sip:nobody@127.0.0.1:9", -1, NULL, &call, NULL) ==
        SIDETONE_OK) {
      sidetone_call_info_read(engine, call, &info);
      sidetone_call_mute(engine, call, round % 2, NULL);
      sidetone_tap_open(engine, call, NULL, &tap);
      sidetone_inject_open(engine, call, NULL, &injection);
      sidetone_inject_write(engine, injection, samples, SIDETONE_TAP_SAMPLES_MAX, NULL);
      sidetone_tap_read(engine, tap, samples, SIDETONE_TAP_SAMPLES_MAX, (int32_t)(round % 20),
                        &frame);
      sidetone_inject_flush(engine, injection, &flushed);
      if (round % 3) sidetone_inject_close(engine, injection);
      sidetone_call_hangup(engine, call, NULL);
      sidetone_call_hangup(engine, call, NULL);
      if (round % 2) sidetone_tap_close(engine, tap);
    }
    sidetone_engine_stats_read(engine, &stats);
  }
  return NULL;
}

static void threads_may_all_call_at_once(void) {
  sidetone_engine *engine = loopback_engine();
  pthread_t callers[4], puller;
  unsigned index;
  REQUIRE(pthread_create(&puller, NULL, pull_all, engine) == 0);
  for (index = 0; index < 4; ++index)
    REQUIRE(pthread_create(&callers[index], NULL, dial_and_hang_up, engine) == 0);
  for (index = 0; index < 4; ++index) join(callers[index]);
  EXPECT(OK, sidetone_engine_shutdown(engine, 500));
  EXPECT(ERR_SHUTDOWN, join(puller));
  EXPECT(OK, sidetone_engine_destroy(engine));
}

static void a_taken_port_is_told(void) {
  sidetone_engine *engine = loopback_engine();
  sidetone_engine *second = NULL;
  sidetone_engine_config config;
  char address[64], text[256];
  EXPECT(OK, sidetone_engine_address_read(engine, SIDETONE_TRANSPORT_TCP, address, sizeof address,
                                          NULL));
  sidetone_engine_config_init(&config, sizeof config);
  config.bind.data = "127.0.0.1";
  config.sip_port = (uint32_t)atol(strrchr(address, ':') + 1);
  EXPECT(ERR_TRANSPORT, sidetone_engine_create(&config, &second));
  CHECK(second == NULL);
  EXPECT(OK, sidetone_last_error(text, sizeof text, NULL));
  CHECK(strstr(text, strrchr(address, ':') + 1) != NULL);
  EXPECT(OK, sidetone_engine_destroy(engine));
}

/* A name that is none is answered with those that there are. */
static void an_interface_is_bound_by_its_name(void) {
  static const char address[] = " (127.0.0.1)";
  sidetone_engine_config config;
  sidetone_engine *engine = NULL;
  char text[1024], *name, *end, *next;
  sidetone_engine_config_init(&config, sizeof config);
  config.bind.data = "no such interface";
  EXPECT(ERR_INVALID_ARGUMENT, sidetone_engine_create(&config, &engine));
  EXPECT(OK, sidetone_last_error(text, sizeof text, NULL));
  end = strstr(text, address);
  name = strstr(text, "there are ");
  REQUIRE(name != NULL && end != NULL);
  name += strlen("there are ");
  while ((next = strstr(name, "), ")) != NULL && next < end) name = next + strlen("), ");
  *end = 0;
  config.bind.data = name;
  EXPECT(OK, sidetone_engine_create(&config, &engine));
  EXPECT(OK, sidetone_engine_address_read(engine, SIDETONE_TRANSPORT_UDP, text, sizeof text, NULL));
  CHECK(strncmp(text, "127.0.0.1:", 10) == 0);
  EXPECT(OK, sidetone_engine_destroy(engine));
}

#ifdef _WIN32
/* Once with an event object, once with a message to a window. */
static void the_system_wakes_a_loop(int with_window) {
  sidetone_engine *engine = loopback_engine();
  sidetone_event event;
  uint64_t call = 0;
  MSG message;
  HANDLE handle = CreateEventW(NULL, FALSE, FALSE, NULL);
  HWND window =
      CreateWindowExW(0, L"STATIC", L"", 0, 0, 0, 0, 0, HWND_MESSAGE, NULL, NULL, NULL);
  REQUIRE(handle != NULL && window != NULL);
  EXPECT(ERR_UNSUPPORTED, sidetone_wakeup_set_fd(engine, 1));
  EXPECT(ERR_INVALID_ARGUMENT, sidetone_wakeup_set_window(engine, window, WM_APP - 1));
  EXPECT(ERR_NULL_POINTER, sidetone_wakeup_set_window(NULL, window, WM_APP + 1));
  EXPECT(ERR_NULL_POINTER, sidetone_wakeup_set_handle(NULL, handle));
  if (with_window)
    EXPECT(OK, sidetone_wakeup_set_window(engine, window, WM_APP + 1));
  else
    EXPECT(OK, sidetone_wakeup_set_handle(engine, handle));
  EXPECT(OK, sidetone_call_dial(engine, 0, "sip:nobody@127.0.0.1:9", -1, NULL, &call, NULL));
  if (with_window)
    REQUIRE(GetMessageW(&message, NULL, WM_APP + 1, WM_APP + 1) && message.hwnd == window);
  else
    REQUIRE(WaitForSingleObject(handle, 20000) == WAIT_OBJECT_0);
  event.size = sizeof event;
  EXPECT(OK, sidetone_event_next(engine, 0, &event));
  CHECK(event.sequence == 1 && event.call == call);
  EXPECT(OK, sidetone_wakeup_set_handle(engine, NULL));
  EXPECT(OK, sidetone_engine_destroy(engine));
  DestroyWindow(window);
  CloseHandle(handle);
}

static void wake_ups_of_the_system(void) {
  the_system_wakes_a_loop(0);
  the_system_wakes_a_loop(1);
}
#else
static void wake_ups_of_the_system(void) {
  sidetone_engine *engine = loopback_engine();
  sidetone_event event;
  uint64_t one = 0, call = 0;
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  EXPECT(OK, sidetone_wakeup_set_fd(engine, ends[1]));
  EXPECT(OK, sidetone_call_dial(engine, 0, "sip:nobody@127.0.0.1:9", -1, NULL, &call, NULL));
  REQUIRE(read(ends[0], &one, sizeof one) == (ssize_t)sizeof one);
  CHECK(one == 1);
  event.size = sizeof event;
  EXPECT(OK, sidetone_event_next(engine, 0, &event));
  CHECK(event.sequence == 1 && event.call == call);
  EXPECT(OK, sidetone_wakeup_set_fd(engine, -1));
  EXPECT(OK, sidetone_engine_destroy(engine));
  close(ends[0]);
  close(ends[1]);
}
#endif

int main(void) {
  unsigned before = count_threads();
  one_thread_pulls_and_can_be_woken();
  destroy_ends_a_wait();
  a_close_and_a_shutdown_end_a_read();
  the_event_callback_answers_but_may_not_destroy();
  the_event_callback_takes_over_from_a_wait();
  threads_may_all_call_at_once();
  a_taken_port_is_told();
  an_interface_is_bound_by_its_name();
  wake_ups_of_the_system();
  CHECK(comes_to(count_threads, before));
  printf("%d failures\n", failures);
  return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
