/* Every function with what it must refuse: NULL, text that is not UTF-8, structs of a wrong size, ids
 * that are stale, of another kind, or none. Nothing of it may disturb the engine. */
#include "check.h"

static const char not_utf8[] = "sip:\xff\xfe@127.0.0.1";

/* Kinds are in the top byte: 1 accounts, 2 calls. */
static const uint64_t never_account = ((uint64_t)1 << 56) | ((uint64_t)7 << 32) | 3;
static const uint64_t never_call = ((uint64_t)2 << 56) | ((uint64_t)7 << 32) | 3;
static const uint64_t no_kind = ((uint64_t)99 << 56) | 1;

static void on_event(const sidetone_event *event, void *user) {
  (void)event;
  (void)user;
}
static void on_wakeup(void *user) { (void)user; }
static void on_log(uint32_t level, const char *module, const char *text, int32_t length,
                   void *user) {
  (void)level;
  (void)module;
  (void)text;
  (void)length;
  (void)user;
}

static void null_engine(void) {
  char buffer[16];
  uint64_t id = 7;
  uint32_t count = 7;
  sidetone_account_config account;
  sidetone_account_info account_info;
  sidetone_call_info call_info;
  sidetone_call_stats call_stats;
  sidetone_engine_stats engine_stats;
  sidetone_audio audio;
  sidetone_audio_levels levels;
  sidetone_device_info device;
  sidetone_event event;

  account_info.size = sizeof account_info;
  call_info.size = sizeof call_info;
  call_stats.size = sizeof call_stats;
  engine_stats.size = sizeof engine_stats;
  levels.size = sizeof levels;
  device.size = sizeof device;
  event.size = sizeof event;
  sidetone_account_config_init(&account, sizeof account);
  sidetone_audio_init(&audio, sizeof audio);

  EXPECT(ERR_NULL_POINTER, sidetone_engine_create(NULL, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_engine_shutdown(NULL, 0));
  EXPECT(OK, sidetone_engine_destroy(NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_engine_address_read(NULL, 1, buffer, 16, &count));
  EXPECT(ERR_NULL_POINTER, sidetone_engine_stats_read(NULL, &engine_stats));
  EXPECT(ERR_NULL_POINTER, sidetone_account_add(NULL, &account, &id, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_account_update(NULL, never_account, &account, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_account_remove(NULL, never_account, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_account_register(NULL, never_account, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_account_unregister(NULL, never_account, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_account_info_read(NULL, never_account, &account_info));
  EXPECT(ERR_NULL_POINTER, sidetone_account_text_read(NULL, never_account, 1, buffer, 16, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_account_list(NULL, &id, 1, &count));
  EXPECT(ERR_NULL_POINTER, sidetone_call_dial(NULL, 0, "sip:a@b", -1, NULL, &id, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_call_ring(NULL, never_call, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_call_answer(NULL, never_call, NULL, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_call_reject(NULL, never_call, 486, NULL, 0, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_call_hangup(NULL, never_call, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_call_hangup_with(NULL, never_call, 16, NULL, 0, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_call_redirect(NULL, never_call, "sip:a@b", -1, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_call_redirect_follow(NULL, never_call, 1, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_call_transfer(NULL, never_call, "sip:a@b", -1, 0, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_call_transfer_to(NULL, never_call, never_call, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_call_transfer_accept(NULL, never_call, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_call_transfer_reject(NULL, never_call, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_call_headers_set(NULL, never_call, 1, NULL, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_call_message_header_read(NULL, never_call, 1, "To", -1, 0,
                                                             buffer, 16, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_call_identity_read(NULL, never_call, 1, 0, buffer, 16, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_call_privacy_read(NULL, never_call, &count));
  EXPECT(ERR_NULL_POINTER, sidetone_account_services_set(NULL, never_account, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_account_services_init(NULL, 240));
  EXPECT(ERR_NULL_POINTER, sidetone_call_mute(NULL, never_call, 1, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_call_progress(NULL, never_call, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_call_hold(NULL, never_call, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_call_resume(NULL, never_call, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_call_hold_music(NULL, never_call, NULL, 0, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_call_gain(NULL, never_call, 0, 0, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_call_route(NULL, never_call, never_call, 0, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_call_unroute(NULL, never_call, never_call, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_call_dtmf(NULL, never_call, "1", -1, 0, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_call_info_read(NULL, never_call, &call_info));
  EXPECT(ERR_NULL_POINTER, sidetone_call_text_read(NULL, never_call, 1, buffer, 16, NULL));
  EXPECT(ERR_NULL_POINTER,
         sidetone_call_header_read(NULL, never_call, "To", -1, buffer, 16, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_call_list(NULL, &id, 1, &count));
  EXPECT(ERR_NULL_POINTER, sidetone_call_stats_read(NULL, never_call, &call_stats));
  EXPECT(ERR_NULL_POINTER, sidetone_call_play(NULL, never_call, "a.wav", -1, NULL, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_call_play_stop(NULL, never_call, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_call_record(NULL, never_call, "a.wav", -1, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_call_record_stop(NULL, never_call, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_call_capture(NULL, never_call, "a.pcap", -1, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_call_capture_stop(NULL, never_call, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_audio_select(NULL, &audio, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_audio_levels_read(NULL, &levels));
  EXPECT(ERR_NULL_POINTER, sidetone_device_list(NULL, &count));
  EXPECT(ERR_NULL_POINTER, sidetone_device_info_read(NULL, 0, &device));
  EXPECT(ERR_NULL_POINTER, sidetone_device_text_read(NULL, 0, 1, buffer, 16, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_event_next(NULL, 0, &event));
  EXPECT(ERR_NULL_POINTER, sidetone_wake(NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_network_changed(NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_event_thread_start(NULL, on_event, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_event_thread_stop(NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_wakeup_set_function(NULL, on_wakeup, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_wakeup_set_fd(NULL, 0));
  EXPECT(ERR_NULL_POINTER, sidetone_log_set(NULL, 1, on_log, NULL));
}

static void null_arguments(sidetone_engine *engine, uint64_t account, uint64_t call) {
  sidetone_account_config config;
  uint64_t id = 7;
  sidetone_account_config_init(&config, sizeof config);

  EXPECT(ERR_NULL_POINTER, sidetone_has_feature(NULL, -1));
  EXPECT(ERR_NULL_POINTER, sidetone_engine_config_init(NULL, 144));
  EXPECT(ERR_NULL_POINTER, sidetone_account_config_init(NULL, 288));
  EXPECT(ERR_NULL_POINTER, sidetone_dial_options_init(NULL, 96));
  EXPECT(ERR_NULL_POINTER, sidetone_answer_options_init(NULL, 24));
  EXPECT(ERR_NULL_POINTER, sidetone_play_options_init(NULL, 16));
  EXPECT(ERR_NULL_POINTER, sidetone_audio_init(NULL, 48));
  EXPECT(ERR_NULL_POINTER, sidetone_engine_stats_read(engine, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_account_add(engine, NULL, &id, NULL));
  CHECK(id == SIDETONE_ID_NONE);
  EXPECT(ERR_NULL_POINTER, sidetone_account_add(engine, &config, NULL, NULL));
  EXPECT(ERR_INVALID_ARGUMENT, sidetone_account_add(engine, &config, &id, NULL)); /* no aor */
  EXPECT(ERR_NULL_POINTER, sidetone_account_update(engine, account, NULL, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_account_info_read(engine, account, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_account_list(engine, NULL, 0, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_account_text_read(engine, account, 1, NULL, 5, NULL));
  id = 7;
  EXPECT(ERR_NULL_POINTER, sidetone_call_dial(engine, 0, NULL, -1, NULL, &id, NULL));
  CHECK(id == SIDETONE_ID_NONE);
  EXPECT(ERR_NULL_POINTER, sidetone_call_dial(engine, 0, "sip:a@127.0.0.1", -1, NULL, NULL, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_call_dtmf(engine, call, NULL, -1, 0, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_call_reject(engine, call, 486, NULL, 4, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_call_info_read(engine, call, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_call_stats_read(engine, call, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_call_header_read(engine, call, NULL, -1, NULL, 0, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_call_list(engine, NULL, 4, &(uint32_t){0}));
  EXPECT(ERR_NULL_POINTER, sidetone_call_play(engine, call, NULL, -1, NULL, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_call_record(engine, call, NULL, -1, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_call_capture(engine, call, NULL, -1, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_audio_select(engine, NULL, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_audio_levels_read(engine, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_device_list(engine, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_device_info_read(engine, 0, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_event_next(engine, 0, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_event_thread_start(engine, NULL, NULL));
  EXPECT(OK, sidetone_wakeup_set_function(engine, NULL, NULL));
  EXPECT(OK, sidetone_log_set(engine, SIDETONE_LOG_INFO, NULL, NULL));
}

/* What the functions of transfers and messages refuse on a live engine. */
static void bad_services(sidetone_engine *engine, uint64_t account) {
  sidetone_account_services services;
  char buffer[16];
  EXPECT(ERR_NULL_POINTER, sidetone_account_services_set(engine, account, NULL));
  EXPECT(ERR_STRUCT_SIZE, sidetone_account_services_init(&services, 8));
  EXPECT(OK, sidetone_account_services_init(&services, sizeof services));
  EXPECT(ERR_STALE_ID, sidetone_account_services_set(engine, never_account, &services));
  EXPECT(ERR_WRONG_KIND, sidetone_account_services_set(engine, never_call, &services));
  services.transfer = 9;
  EXPECT(ERR_INVALID_ARGUMENT, sidetone_account_services_set(engine, account, &services));
  EXPECT(OK, sidetone_account_services_init(&services, sizeof services));
  services.redirect_hops = 0;
  EXPECT(ERR_INVALID_ARGUMENT, sidetone_account_services_set(engine, account, &services));
  EXPECT(OK, sidetone_account_services_init(&services, sizeof services));
  services.preferred_identity.data = not_utf8;
  EXPECT(ERR_NOT_UTF8, sidetone_account_services_set(engine, account, &services));
  EXPECT(ERR_STALE_ID, sidetone_call_transfer(engine, never_call, "sip:a@b", -1, 0, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_call_transfer(engine, never_call, NULL, -1, 0, NULL));
  EXPECT(ERR_INVALID_ARGUMENT, sidetone_call_transfer(engine, never_call, "sip:a@b", -1, 7, NULL));
  EXPECT(ERR_STALE_ID, sidetone_call_transfer_accept(engine, never_call, NULL));
  EXPECT(ERR_WRONG_KIND, sidetone_call_transfer_to(engine, never_call, account, NULL));
  EXPECT(ERR_INVALID_ARGUMENT, sidetone_call_hangup_with(engine, never_call, 200, NULL, 0, NULL));
  EXPECT(ERR_INVALID_ARGUMENT, sidetone_call_redirect_follow(engine, never_call, 2, NULL));
  EXPECT(ERR_INVALID_ARGUMENT, sidetone_call_headers_set(engine, never_call, 99, NULL, NULL));
  EXPECT(ERR_INVALID_ARGUMENT, sidetone_call_message_header_read(engine, never_call, 0, "To", -1, 0,
                                                                 buffer, 16, NULL));
}

/* TLS, WebSocket, keep-alives and marks: the defaults, and what is refused with which status. */
static void network_settings(sidetone_engine *engine) {
  sidetone_engine_config config;
  sidetone_account_config account;
  sidetone_engine *other = NULL;
  uint64_t id = 7;
  char address[64];

#define REFUSED(status, field, value)                                 \
  do {                                                                \
    sidetone_engine_config_init(&config, sizeof config);              \
    config.field = (value);                                           \
    EXPECT(status, sidetone_engine_create(&config, &other));          \
    CHECK(other == NULL);                                             \
  } while (0)

  sidetone_engine_config_init(&config, sizeof config);
  CHECK(config.tls_verify == 1 && config.tls_listen == 0 && config.tls_ca_file.data == NULL);
  CHECK(config.sip_dscp == 24 && config.rtp_dscp == 46 && config.tcp_above_bytes == 1300);
  CHECK(config.keep_alive_stream_ms == 120000 && config.keep_alive_udp_ms == 29000);
  CHECK(config.keep_alive_udp == SIDETONE_KEEP_ALIVE_AUTO && config.keep_alive_answer_ms == 10000);
  REFUSED(ERR_FILE_OPEN, tls_ca_file.data, "/nonexistent/ca.pem");
  REFUSED(ERR_FILE_OPEN, tls_certificate_file.data, "/nonexistent/own.pem");
  REFUSED(ERR_INVALID_ARGUMENT, tls_listen, 1); /* without a certificate */
  REFUSED(ERR_INVALID_ARGUMENT, tls_verify, 2);
  REFUSED(ERR_INVALID_ARGUMENT, tls_port, 65536);
  REFUSED(ERR_INVALID_ARGUMENT, websocket_path.data, "no-slash");
  REFUSED(ERR_INVALID_ARGUMENT, sip_dscp, 64);
  REFUSED(ERR_INVALID_ARGUMENT, rtp_dscp, 64);
  REFUSED(ERR_INVALID_ARGUMENT, keep_alive_udp, 9);
  REFUSED(ERR_INVALID_ARGUMENT, keep_alive_answer_ms, 0);
#undef REFUSED
  EXPECT(ERR_WRONG_STATE, sidetone_engine_address_read(engine, SIDETONE_TRANSPORT_TLS, address,
                                                       sizeof address, NULL));
  EXPECT(ERR_WRONG_STATE, sidetone_engine_address_read(engine, SIDETONE_TRANSPORT_WSS, address,
                                                       sizeof address, NULL));
  sidetone_account_config_init(&account, sizeof account);
  CHECK(account.learn_contact == 1 && account.public_address.data == NULL);
  account.aor.data = "sips:alice@pbx.test";
  account.transport = SIDETONE_TRANSPORT_TLS;
  account.public_address.data = "example.com"; /* an address, not a name */
  EXPECT(ERR_INVALID_ARGUMENT, sidetone_account_add(engine, &account, &id, NULL));
  account.public_address.data = "2001:db8::1";
  EXPECT(OK, sidetone_account_add(engine, &account, &id, NULL));
  EXPECT(OK, sidetone_account_remove(engine, id, NULL));
}

static void bad_text(sidetone_engine *engine, uint64_t account, uint64_t call) {
  static char endless[SIDETONE_TEXT_MAX + 2];
  sidetone_engine_config engine_config;
  sidetone_account_config config;
  sidetone_dial_options options;
  sidetone_answer_options answer;
  sidetone_audio audio;
  sidetone_header header;
  sidetone_engine *other = NULL;
  uint64_t id = 7;

  memset(endless, 'a', sizeof endless - 1);
  EXPECT(ERR_NOT_UTF8, sidetone_has_feature("\x80", -1));
  EXPECT(ERR_NOT_UTF8, sidetone_call_dial(engine, 0, not_utf8, -1, NULL, &id, NULL));
  EXPECT(ERR_INVALID_ARGUMENT, sidetone_call_dial(engine, 0, "sip:a@b", -2, NULL, &id, NULL));
  EXPECT(ERR_INVALID_ARGUMENT, sidetone_call_dial(engine, 0, "sip:a\0b@c", 9, NULL, &id, NULL));
  EXPECT(ERR_INVALID_ARGUMENT, sidetone_call_dial(engine, 0, endless, -1, NULL, &id, NULL));
  EXPECT(ERR_INVALID_URI, sidetone_call_dial(engine, 0, "", -1, NULL, &id, NULL));
  EXPECT(ERR_INVALID_URI, sidetone_call_dial(engine, 0, "sip:", -1, NULL, &id, NULL));
  EXPECT(ERR_INVALID_URI, sidetone_call_dial(engine, 0, "sip:a b@127.0.0.1", -1, NULL, &id, NULL));
  EXPECT(ERR_INVALID_ARGUMENT,
         sidetone_call_dial(engine, 0, "sip:a@127.0.0.1\r\nX: y", -1, NULL, &id, NULL));
  CHECK(id == SIDETONE_ID_NONE);
  EXPECT(ERR_NOT_UTF8, sidetone_call_reject(engine, call, 486, not_utf8, -1, NULL));
  EXPECT(ERR_NOT_UTF8, sidetone_call_dtmf(engine, call, "1\xff", -1, 0, NULL));
  EXPECT(ERR_INVALID_ARGUMENT, sidetone_call_dtmf(engine, call, "12x", -1, 0, NULL));
  EXPECT(ERR_NOT_UTF8, sidetone_call_header_read(engine, call, not_utf8, -1, NULL, 0, NULL));
  EXPECT(ERR_NOT_UTF8, sidetone_call_play(engine, call, not_utf8, -1, NULL, NULL));
  EXPECT(ERR_INVALID_ARGUMENT, sidetone_call_play(engine, call, "", -1, NULL, NULL));
  EXPECT(ERR_NOT_UTF8, sidetone_call_record(engine, call, not_utf8, -1, NULL));
  EXPECT(ERR_NOT_UTF8, sidetone_call_capture(engine, call, not_utf8, -1, NULL));

  sidetone_engine_config_init(&engine_config, sizeof engine_config);
  engine_config.user_agent.data = not_utf8;
  EXPECT(ERR_NOT_UTF8, sidetone_engine_create(&engine_config, &other));
  sidetone_engine_config_init(&engine_config, sizeof engine_config);
  engine_config.user_agent.data = "two\r\nlines";
  EXPECT(ERR_INVALID_ARGUMENT, sidetone_engine_create(&engine_config, &other));
  sidetone_engine_config_init(&engine_config, sizeof engine_config);
  engine_config.bind.data = "localhost";
  EXPECT(ERR_INVALID_ARGUMENT, sidetone_engine_create(&engine_config, &other));
  CHECK(other == NULL);

  sidetone_account_config_init(&config, sizeof config);
  config.aor.data = not_utf8;
  EXPECT(ERR_NOT_UTF8, sidetone_account_add(engine, &config, &id, NULL));
  EXPECT(ERR_NOT_UTF8, sidetone_account_update(engine, account, &config, NULL));
  config.aor.data = "tel:123";
  EXPECT(ERR_INVALID_URI, sidetone_account_add(engine, &config, &id, NULL));
  config.aor.data = "sip:a@127.0.0.1";
  config.password.data = not_utf8;
  EXPECT(ERR_NOT_UTF8, sidetone_account_add(engine, &config, &id, NULL));
  config.password.data = NULL;
  config.registrar.data = "not a uri";
  EXPECT(ERR_INVALID_URI, sidetone_account_add(engine, &config, &id, NULL));

  sidetone_audio_init(&audio, sizeof audio);
  audio.kind = SIDETONE_AUDIO_WAV;
  audio.microphone.data = not_utf8;
  EXPECT(ERR_NOT_UTF8, sidetone_audio_select(engine, &audio, NULL));

  sidetone_dial_options_init(&options, sizeof options);
  options.headers.data = &header;
  options.headers.count = 1;
  sidetone_header_set(&header, "X-Name", not_utf8);
  EXPECT(ERR_NOT_UTF8, sidetone_call_dial(engine, 0, "sip:a@127.0.0.1", -1, &options, &id, NULL));
  sidetone_header_set(&header, NULL, "value");
  EXPECT(ERR_INVALID_ARGUMENT,
         sidetone_call_dial(engine, 0, "sip:a@127.0.0.1", -1, &options, &id, NULL));
  sidetone_header_set(&header, "X-Name", "value\r\nVia: mine");
  EXPECT(ERR_INVALID_ARGUMENT,
         sidetone_call_dial(engine, 0, "sip:a@127.0.0.1", -1, &options, &id, NULL));
  sidetone_header_set(&header, "Call-ID", "mine");
  EXPECT(ERR_INVALID_ARGUMENT,
         sidetone_call_dial(engine, 0, "sip:a@127.0.0.1", -1, &options, &id, NULL));
  options.headers.data = NULL;
  EXPECT(ERR_NULL_POINTER,
         sidetone_call_dial(engine, 0, "sip:a@127.0.0.1", -1, &options, &id, NULL));
  sidetone_answer_options_init(&answer, sizeof answer);
  sidetone_header_set(&header, "X-Name\n", "value");
  answer.headers.data = &header;
  answer.headers.count = 1;
  EXPECT(ERR_INVALID_ARGUMENT, sidetone_call_answer(engine, call, &answer, NULL));
  answer.headers.count = 100000;
  EXPECT(ERR_INVALID_ARGUMENT, sidetone_call_answer(engine, call, &answer, NULL));
}

/* `size` is what is wrong about them. */
#define BAD_SIZES(type, call)                       \
  do {                                              \
    static const uint32_t sizes[] = {0, 3, 4, 7, 5000, 0xFFFFFFFFu}; \
    unsigned i;                                     \
    type it;                                        \
    memset(&it, 0, sizeof it);                      \
    for (i = 0; i < sizeof sizes / sizeof *sizes; ++i) { \
      it.size = sizes[i];                           \
      EXPECT(ERR_STRUCT_SIZE, call);                \
    }                                               \
  } while (0)

static void bad_sizes(sidetone_engine *engine, uint64_t account, uint64_t call) {
  sidetone_engine *other = NULL;
  uint64_t id = 7;
  union {
    sidetone_account_info known;
    struct {
      sidetone_account_info old;
      unsigned char newer[24];
    } larger;
  } info;
  struct {
    sidetone_dial_options old;
    uint64_t newer;
  } options;
  unsigned index;

  BAD_SIZES(sidetone_engine_config, sidetone_engine_create(&it, &other));
  BAD_SIZES(sidetone_account_config, sidetone_account_add(engine, &it, &id, NULL));
  BAD_SIZES(sidetone_account_config, sidetone_account_update(engine, account, &it, NULL));
  BAD_SIZES(sidetone_account_info, sidetone_account_info_read(engine, account, &it));
  BAD_SIZES(sidetone_dial_options,
            sidetone_call_dial(engine, 0, "sip:a@127.0.0.1", -1, &it, &id, NULL));
  BAD_SIZES(sidetone_answer_options, sidetone_call_answer(engine, call, &it, NULL));
  BAD_SIZES(sidetone_call_info, sidetone_call_info_read(engine, call, &it));
  BAD_SIZES(sidetone_call_stats, sidetone_call_stats_read(engine, call, &it));
  BAD_SIZES(sidetone_engine_stats, sidetone_engine_stats_read(engine, &it));
  BAD_SIZES(sidetone_play_options, sidetone_call_play(engine, call, "a.wav", -1, &it, NULL));
  BAD_SIZES(sidetone_audio, sidetone_audio_select(engine, &it, NULL));
  BAD_SIZES(sidetone_audio_levels, sidetone_audio_levels_read(engine, &it));
  BAD_SIZES(sidetone_device_info, sidetone_device_info_read(engine, 0, &it));
  BAD_SIZES(sidetone_event, sidetone_event_next(engine, 0, &it));
  BAD_SIZES(sidetone_engine_config, sidetone_engine_config_init(&it, it.size));
  BAD_SIZES(sidetone_account_config, sidetone_account_config_init(&it, it.size));
  BAD_SIZES(sidetone_dial_options, sidetone_dial_options_init(&it, it.size));
  BAD_SIZES(sidetone_answer_options, sidetone_answer_options_init(&it, it.size));
  BAD_SIZES(sidetone_play_options, sidetone_play_options_init(&it, it.size));
  BAD_SIZES(sidetone_audio, sidetone_audio_init(&it, it.size));

  /* A host with a newer header: what it has more comes back as 0, and must be 0 on the way in. */
  memset(&info, 0xAA, sizeof info);
  info.known.size = sizeof info.larger;
  EXPECT(OK, sidetone_account_info_read(engine, account, &info.known));
  CHECK(info.known.size == sizeof info.larger);
  for (index = 0; index < sizeof info.larger.newer; ++index) CHECK(info.larger.newer[index] == 0);
  EXPECT(OK, sidetone_dial_options_init(&options.old, sizeof options));
  CHECK(options.newer == 0 && options.old.size == sizeof options);
  options.newer = 1;
  EXPECT(ERR_STRUCT_SIZE,
         sidetone_call_dial(engine, 0, "sip:a@127.0.0.1", -1, &options.old, &id, NULL));
}

/* A struct in which one field is not 0 that has to be; the error text names it. */
#define RESERVED(type, field, call)                                  \
  do {                                                               \
    type it;                                                         \
    type##_init(&it, sizeof it);                                     \
    it.field = 7;                                                    \
    EXPECT(ERR_INVALID_ARGUMENT, call);                              \
    names(__LINE__, #type "." #field);                               \
  } while (0)

static void names(int line, const char *field) {
  char text[512] = "";
  sidetone_last_error(text, sizeof text, NULL);
  check_at(line, text, strstr(text, field) != NULL);
}

static void bad_reserved(sidetone_engine *engine, uint64_t account, uint64_t call) {
  static const char path[] = "/nonexistent/a.wav", to[] = "sip:a@127.0.0.1";
  sidetone_engine_config config;
  sidetone_dial_options options;
  sidetone_header header;
  sidetone_body_part part;
  sidetone_engine *other = NULL;
  uint64_t id = 7;
  char buffer[64];

  RESERVED(sidetone_account_config, reserved, sidetone_account_add(engine, &it, &id, NULL));
  RESERVED(sidetone_account_config, reserved_2, sidetone_account_update(engine, account, &it, NULL));
  RESERVED(sidetone_dial_options, reserved, sidetone_call_dial(engine, 0, to, -1, &it, &id, NULL));
  RESERVED(sidetone_answer_options, reserved, sidetone_call_answer(engine, call, &it, NULL));
  RESERVED(sidetone_play_options, reserved, sidetone_call_play(engine, call, path, -1, &it, NULL));
  RESERVED(sidetone_audio, reserved, sidetone_audio_select(engine, &it, NULL));
  RESERVED(sidetone_sip_request, reserved, sidetone_request_send(engine, call, NULL, 0, &it, NULL));
  RESERVED(sidetone_subscription_options, reserved,
           sidetone_subscription_add(engine, account, to, -1, &it, &id, NULL));
  CHECK(id == SIDETONE_ID_NONE);

  sidetone_engine_config_init(&config, sizeof config);
  config.user_agent.reserved = 7;
  EXPECT(ERR_INVALID_ARGUMENT, sidetone_engine_create(&config, &other));
  names(__LINE__, "user_agent.reserved");
  sidetone_dial_options_init(&options, sizeof options);
  options.headers.reserved = 7;
  EXPECT(ERR_INVALID_ARGUMENT, sidetone_call_dial(engine, 0, to, -1, &options, &id, NULL));
  names(__LINE__, "headers.reserved");
  sidetone_dial_options_init(&options, sizeof options);
  sidetone_header_set(&header, "X-Name", "value");
  header.value.reserved = 7;
  options.headers.data = &header;
  options.headers.count = 1;
  EXPECT(ERR_INVALID_ARGUMENT, sidetone_call_dial(engine, 0, to, -1, &options, &id, NULL));
  names(__LINE__, "header value.reserved");
  sidetone_body_part_set(&part, "text/plain", "octets", -1);
  part.body.reserved = 7;
  EXPECT(ERR_INVALID_ARGUMENT, sidetone_multipart_write(&part, 1, buffer, sizeof buffer, NULL, 0, NULL));
  names(__LINE__, "body.reserved");
}

static void bad_account_id(sidetone_engine *engine, uint64_t account, int line, int32_t expected) {
  char buffer[16];
  uint64_t id = 7;
  sidetone_account_info info;
  sidetone_account_config config;
  uint64_t request = 7;

  info.size = sizeof info;
  sidetone_account_config_init(&config, sizeof config);
  config.aor.data = "sip:a@127.0.0.1";
#define REFUSED(call) expect_at(line, #call, expected, (call))
  REFUSED(sidetone_account_update(engine, account, &config, &request));
  CHECK(request == 0);
  REFUSED(sidetone_account_remove(engine, account, NULL));
  REFUSED(sidetone_account_register(engine, account, NULL));
  REFUSED(sidetone_account_unregister(engine, account, NULL));
  REFUSED(sidetone_account_info_read(engine, account, &info));
  REFUSED(sidetone_account_text_read(engine, account, 1, buffer, sizeof buffer, NULL));
  if (account != SIDETONE_ID_NONE) /* which dial takes for "without account" */
    REFUSED(sidetone_call_dial(engine, account, "sip:a@127.0.0.1:9", -1, NULL, &id, NULL));
}

static void bad_call_id(sidetone_engine *engine, uint64_t call, uint64_t good, int line,
                        int32_t expected) {
  char buffer[16];
  sidetone_call_info info;
  sidetone_call_stats stats;
  uint64_t request = 7;

  info.size = sizeof info;
  stats.size = sizeof stats;
  REFUSED(sidetone_call_ring(engine, call, &request));
  CHECK(request == 0);
  REFUSED(sidetone_call_answer(engine, call, NULL, NULL));
  REFUSED(sidetone_call_reject(engine, call, 486, NULL, 0, NULL));
  REFUSED(sidetone_call_hangup(engine, call, NULL));
  REFUSED(sidetone_call_mute(engine, call, 1, NULL));
  REFUSED(sidetone_call_progress(engine, call, NULL));
  REFUSED(sidetone_call_hold(engine, call, NULL));
  REFUSED(sidetone_call_resume(engine, call, NULL));
  REFUSED(sidetone_call_hold_music(engine, call, NULL, 0, NULL));
  REFUSED(sidetone_call_gain(engine, call, 0, 0, NULL));
  REFUSED(sidetone_call_route(engine, call, call, 0, NULL));
  REFUSED(sidetone_call_route(engine, call, good, 0, NULL));
  REFUSED(sidetone_call_route(engine, good, call, 0, NULL));
  REFUSED(sidetone_call_unroute(engine, call, good, NULL));
  REFUSED(sidetone_call_unroute(engine, good, call, NULL));
  REFUSED(sidetone_call_dtmf(engine, call, "1", -1, 0, NULL));
  REFUSED(sidetone_call_info_read(engine, call, &info));
  REFUSED(sidetone_call_text_read(engine, call, 1, buffer, sizeof buffer, NULL));
  REFUSED(sidetone_call_header_read(engine, call, "To", -1, buffer, sizeof buffer, NULL));
  REFUSED(sidetone_call_stats_read(engine, call, &stats));
  REFUSED(sidetone_call_play(engine, call, "a.wav", -1, NULL, NULL));
  REFUSED(sidetone_call_play_stop(engine, call, NULL));
  REFUSED(sidetone_call_record(engine, call, "never.wav", -1, NULL));
  REFUSED(sidetone_call_record_stop(engine, call, NULL));
  REFUSED(sidetone_call_capture(engine, call, "never.pcap", -1, NULL));
  REFUSED(sidetone_call_capture_stop(engine, call, NULL));
}

static void bad_numbers(sidetone_engine *engine, uint64_t account, uint64_t call) {
  sidetone_engine_config engine_config;
  sidetone_account_config config;
  sidetone_dial_options options;
  sidetone_play_options play;
  sidetone_audio audio;
  sidetone_engine *other = NULL;
  sidetone_event event;
  uint64_t id = 7;
  float not_a_number = strtof("nan", NULL);

  event.size = sizeof event;
#define BAD_ENGINE(field, value)                                        \
  sidetone_engine_config_init(&engine_config, sizeof engine_config);    \
  engine_config.field = (value);                                        \
  EXPECT(ERR_INVALID_ARGUMENT, sidetone_engine_create(&engine_config, &other))
  BAD_ENGINE(sip_port, 65536);
  BAD_ENGINE(rtp_port_first, 70000);
  BAD_ENGINE(rtp_port_last, 10);
  BAD_ENGINE(max_calls, 0);
  BAD_ENGINE(max_calls, 65536);
  BAD_ENGINE(max_accounts, 0);
  BAD_ENGINE(media_workers, 257);
  BAD_ENGINE(accept_unknown, 2);
  BAD_ENGINE(t1_ms, 0);
  BAD_ENGINE(t2_ms, 86400001);
  BAD_ENGINE(t4_ms, 0);
  BAD_ENGINE(min_registration_ms, 0);
  BAD_ENGINE(min_session_ms, 0);
  BAD_ENGINE(retry_base_ms, 0);
  BAD_ENGINE(retry_max_ms, 0);
  BAD_ENGINE(avoid_ms, 0);
  BAD_ENGINE(avoid_max_ms, 1); /* below avoid_ms */
  BAD_ENGINE(audio_kind, 9);
  BAD_ENGINE(audio_repeat, 9);
  CHECK(other == NULL);

#define BAD_ACCOUNT(field, value)                            \
  sidetone_account_config_init(&config, sizeof config);      \
  config.aor.data = "sip:a@127.0.0.1";                       \
  config.field = (value);                                    \
  EXPECT(ERR_INVALID_ARGUMENT, sidetone_account_add(engine, &config, &id, NULL))
  BAD_ACCOUNT(transport, 9);
  BAD_ACCOUNT(local_port, 65536);
  BAD_ACCOUNT(rtp_port_last, 65536);
  BAD_ACCOUNT(expires_s, 0);
  BAD_ACCOUNT(expires_s, 86401);
  BAD_ACCOUNT(register_on_add, 7);
  BAD_ACCOUNT(outbound, 4);
  BAD_ACCOUNT(gruu, 4);
  BAD_ACCOUNT(ptime_ms, 25);
  BAD_ACCOUNT(srtp, 4);
  BAD_ACCOUNT(dtmf, 5);
  BAD_ACCOUNT(latch, 4);
  BAD_ACCOUNT(early_media, 5);
  BAD_ACCOUNT(prack, 4);
  BAD_ACCOUNT(offer, 3);
  BAD_ACCOUNT(session_expires_s, 89);
  BAD_ACCOUNT(outbound, 4);
  BAD_ACCOUNT(gruu, 4);
  BAD_ACCOUNT(codecs[0], 77);
  BAD_ACCOUNT(codecs[1], SIDETONE_CODEC_PCMU); /* behind the end */
  BAD_ACCOUNT(srtp_suites[0], 7);
  BAD_ACCOUNT(opus_complexity, 11);
  BAD_ACCOUNT(opus_bitrate_bps, 5999);
  BAD_ACCOUNT(opus_bandwidth, 6);
  BAD_ACCOUNT(opus_fec, 3);
  BAD_ACCOUNT(opus_dtx, 3);
  BAD_ACCOUNT(reserved_3, 1);
  BAD_ACCOUNT(codecs[0], 0xFFFFFFFFu);
  sidetone_account_config_init(&config, sizeof config);
  config.aor.data = "sip:a@127.0.0.1";
  config.codecs[0] = config.codecs[1] = SIDETONE_CODEC_PCMA;
  EXPECT(ERR_INVALID_ARGUMENT, sidetone_account_add(engine, &config, &id, NULL));

#define BAD_DIAL(field, value)                               \
  sidetone_dial_options_init(&options, sizeof options);      \
  options.field = (value);                                   \
  EXPECT(ERR_INVALID_ARGUMENT,                               \
         sidetone_call_dial(engine, account, "sip:a@127.0.0.1", -1, &options, &id, NULL))
  BAD_DIAL(srtp, 4);
  BAD_DIAL(ptime_ms, 70);
  BAD_DIAL(no_answer_ms, 3600001);
  BAD_DIAL(codecs[0], 5);
  BAD_DIAL(codecs[15], 1);
  BAD_DIAL(opus_complexity, 254);
  BAD_DIAL(opus_bitrate_bps, 510001);
  BAD_DIAL(opus_bandwidth, 6);
  BAD_DIAL(opus_fec, 3);
  BAD_DIAL(opus_dtx, 3);
  BAD_DIAL(reserved_2, 1);

  EXPECT(ERR_INVALID_ARGUMENT, sidetone_call_reject(engine, call, 299, NULL, 0, NULL));
  EXPECT(ERR_INVALID_ARGUMENT, sidetone_call_reject(engine, call, 700, NULL, 0, NULL));
  EXPECT(ERR_INVALID_ARGUMENT, sidetone_call_mute(engine, call, 2, NULL));
  EXPECT(ERR_INVALID_ARGUMENT, sidetone_call_gain(engine, call, 24.5f, 0, NULL));
  EXPECT(ERR_INVALID_ARGUMENT, sidetone_call_gain(engine, call, 0, -97, NULL));
  EXPECT(ERR_INVALID_ARGUMENT, sidetone_call_gain(engine, call, not_a_number, 0, NULL));
  EXPECT(ERR_INVALID_ARGUMENT, sidetone_call_route(engine, call, call, not_a_number, NULL));
  EXPECT(ERR_INVALID_ARGUMENT, sidetone_call_dtmf(engine, call, "1", -1, 39, NULL));
  EXPECT(ERR_INVALID_ARGUMENT, sidetone_call_dtmf(engine, call, "1", -1, 6001, NULL));
  EXPECT(ERR_INVALID_ARGUMENT, sidetone_call_text_read(engine, call, 99, NULL, 0, NULL));
  EXPECT(ERR_INVALID_ARGUMENT, sidetone_account_text_read(engine, account, 0, NULL, 0, NULL));
  sidetone_play_options_init(&play, sizeof play);
  play.gain_db = 25;
  EXPECT(ERR_INVALID_ARGUMENT, sidetone_call_play(engine, call, "a.wav", -1, &play, NULL));
  sidetone_audio_init(&audio, sizeof audio);
  audio.kind = 3;
  EXPECT(ERR_INVALID_ARGUMENT, sidetone_audio_select(engine, &audio, NULL));
  EXPECT(ERR_INVALID_ARGUMENT, sidetone_device_text_read(engine, 4000, 1, NULL, 0, NULL));
  EXPECT(ERR_INVALID_ARGUMENT, sidetone_engine_address_read(engine, 9, NULL, 0, NULL));
  EXPECT(ERR_INVALID_ARGUMENT, sidetone_engine_shutdown(engine, 60001));
  EXPECT(ERR_INVALID_ARGUMENT, sidetone_event_next(engine, -2, &event));
  EXPECT(ERR_INVALID_ARGUMENT, sidetone_log_set(engine, 6, on_log, NULL));
  EXPECT(ERR_INVALID_ARGUMENT, sidetone_wakeup_set_fd(engine, -2));
}

static void text_out(sidetone_engine *engine, uint64_t account) {
  char buffer[64];
  uint32_t needed = 0;
  memset(buffer, 'x', sizeof buffer);
  EXPECT(OK, sidetone_account_text_read(engine, account, SIDETONE_ACCOUNT_TEXT_AOR, NULL, 0,
                                        &needed));
  CHECK(needed == sizeof "sip:\xc3\xa4lice@127.0.0.1");
  EXPECT(ERR_TOO_SMALL,
         sidetone_account_text_read(engine, account, SIDETONE_ACCOUNT_TEXT_AOR, buffer, 6, &needed));
  CHECK(strcmp(buffer, "sip:") == 0); /* half of a character is not stored */
  CHECK(buffer[6] == 'x');
  EXPECT(ERR_TOO_SMALL,
         sidetone_account_text_read(engine, account, SIDETONE_ACCOUNT_TEXT_AOR, buffer, 0, NULL));
  EXPECT(OK, sidetone_account_text_read(engine, account, SIDETONE_ACCOUNT_TEXT_AOR, buffer, needed,
                                        NULL));
  CHECK(strcmp(buffer, "sip:\xc3\xa4lice@127.0.0.1") == 0);
  EXPECT(ERR_WRONG_KIND, sidetone_call_hangup(engine, account, NULL));
  needed = 0;
  EXPECT(OK, sidetone_last_error(NULL, 0, &needed));
  CHECK(needed > 1);
  EXPECT(ERR_TOO_SMALL, sidetone_last_error(buffer, 3, NULL));
  EXPECT(ERR_TOO_SMALL, sidetone_last_error(buffer, 4, NULL)); /* and the text is still there */
  CHECK(buffer[0] == '0' && buffer[1] == 'x' && buffer[3] == 0);
}

int main(void) {
  sidetone_engine *engine;
  sidetone_account_config config;
  sidetone_event event;
  uint64_t account = 0, gone_account = 0, call = 0, gone_call = 0;
  uint32_t count = 0;

  CHECK(sidetone_api_version() == SIDETONE_API_VERSION);
  CHECK(strchr(sidetone_version(), '.') != NULL);
  CHECK(sidetone_has_feature("no such thing", -1) == 0);
  CHECK(sidetone_has_feature("srtpX", 4) == 1);
  CHECK(sidetone_has_feature("tls", -1) == 1 && sidetone_has_feature("ws", -1) == 1);
  CHECK(strcmp(sidetone_strerror(-12345), "unknown status") == 0);
  null_engine();

  engine = loopback_engine();
  sidetone_account_config_init(&config, sizeof config);
  config.aor.data = "sip:\xc3\xa4lice@127.0.0.1";
  EXPECT(OK, sidetone_account_add(engine, &config, &account, NULL));
  EXPECT(OK, sidetone_account_add(engine, &config, &gone_account, NULL));
  EXPECT(OK, sidetone_account_remove(engine, gone_account, NULL));
  EXPECT(OK, sidetone_call_dial(engine, account, "sip:b@127.0.0.1:9", -1, NULL, &gone_call, NULL));
  EXPECT(OK, sidetone_call_hangup(engine, gone_call, NULL));
  await_event(engine, SIDETONE_EVENT_CALL, SIDETONE_CALL_ENDED, &event);
  CHECK(event.call == gone_call);
  EXPECT(OK, sidetone_call_dial(engine, account, "sip:b@127.0.0.1:9", -1, NULL, &call, NULL));
  CHECK(call != gone_call);

  null_arguments(engine, account, call);
  bad_services(engine, account);
  bad_text(engine, account, call);
  network_settings(engine);
  bad_sizes(engine, account, call);
  bad_reserved(engine, account, call);
  bad_numbers(engine, account, call);
  text_out(engine, account);
  bad_account_id(engine, 0, __LINE__, SIDETONE_ERR_WRONG_KIND);
  bad_account_id(engine, call, __LINE__, SIDETONE_ERR_WRONG_KIND);
  bad_account_id(engine, no_kind, __LINE__, SIDETONE_ERR_WRONG_KIND);
  bad_account_id(engine, UINT64_MAX, __LINE__, SIDETONE_ERR_WRONG_KIND);
  bad_account_id(engine, gone_account, __LINE__, SIDETONE_ERR_STALE_ID);
  bad_account_id(engine, never_account, __LINE__, SIDETONE_ERR_STALE_ID);
  bad_call_id(engine, 0, call, __LINE__, SIDETONE_ERR_WRONG_KIND);
  bad_call_id(engine, account, call, __LINE__, SIDETONE_ERR_WRONG_KIND);
  bad_call_id(engine, no_kind, call, __LINE__, SIDETONE_ERR_WRONG_KIND);
  bad_call_id(engine, UINT64_MAX, call, __LINE__, SIDETONE_ERR_WRONG_KIND);
  bad_call_id(engine, gone_call, call, __LINE__, SIDETONE_ERR_STALE_ID);
  bad_call_id(engine, never_call, call, __LINE__, SIDETONE_ERR_STALE_ID);

  /* And everything is as it was. */
  EXPECT(OK, sidetone_account_list(engine, NULL, 0, &count));
  CHECK(count == 1);
  EXPECT(OK, sidetone_call_hangup(engine, call, NULL));
  await_event(engine, SIDETONE_EVENT_CALL, SIDETONE_CALL_ENDED, &event);
  CHECK(event.call == call);
  EXPECT(OK, sidetone_engine_shutdown(engine, 2000));
  EXPECT(OK, sidetone_engine_shutdown(engine, 2000));
  await_event(engine, SIDETONE_EVENT_STOPPED, -1, &event);
  EXPECT(ERR_SHUTDOWN, sidetone_event_next(engine, -1, &event));
  EXPECT(ERR_SHUTDOWN, sidetone_call_dial(engine, 0, "sip:b@127.0.0.1", -1, NULL, &call, NULL));
  EXPECT(OK, sidetone_engine_destroy(engine));
  printf("%d failures\n", failures);
  return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
