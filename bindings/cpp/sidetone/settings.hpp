// Settings that a host fills. Numbers stand in the C struct, `values`, with the library's defaults;
// texts, lists and headers beside it, empty ones being the default. Included by sidetone.hpp.
//
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef SIDETONE_SETTINGS_HPP
#define SIDETONE_SETTINGS_HPP

#include "base.hpp"

namespace sidetone {

/// How audio reaches the user; see sidetone_audio.
struct Audio {
  std::uint32_t kind = SIDETONE_AUDIO_HEADLESS;
  std::string microphone;
  std::string loudspeaker;
  bool repeat = false;

  /// In C's form, borrowed.
  sidetone_audio raw() const {
    sidetone_audio raw{};
    check(sidetone_audio_init(&raw, sizeof raw));
    raw.kind = kind;
    raw.repeat = repeat ? 1u : 0u;
    detail::borrow_into(raw.microphone, microphone);
    detail::borrow_into(raw.loudspeaker, loudspeaker);
    return raw;
  }
};

/// Settings of an engine. Those of `audio` count, not the four of `values`.
struct EngineConfig {
  sidetone_engine_config values{};
  std::string user_agent, bind, dns_server;
  std::string tls_ca_file, tls_certificate_file, tls_key_file, websocket_path;
  std::string host_methods, message_types;
  Audio audio;

  EngineConfig() { check(sidetone_engine_config_init(&values, sizeof values)); }

  /// In C's form, borrowed.
  sidetone_engine_config raw() const {
    sidetone_engine_config raw = values;
    detail::borrow_into(raw.user_agent, user_agent);
    detail::borrow_into(raw.bind, bind);
    detail::borrow_into(raw.dns_server, dns_server);
    detail::borrow_into(raw.tls_ca_file, tls_ca_file);
    detail::borrow_into(raw.tls_certificate_file, tls_certificate_file);
    detail::borrow_into(raw.tls_key_file, tls_key_file);
    detail::borrow_into(raw.websocket_path, websocket_path);
    detail::borrow_into(raw.host_methods, host_methods);
    detail::borrow_into(raw.message_types, message_types);
    raw.audio_kind = audio.kind;
    raw.audio_repeat = audio.repeat ? 1u : 0u;
    detail::borrow_into(raw.microphone, audio.microphone);
    detail::borrow_into(raw.loudspeaker, audio.loudspeaker);
    return raw;
  }
};

/// Settings of an account.
struct AccountConfig {
  sidetone_account_config values{};
  std::string aor, display_name, registrar, auth_user, password, outbound_proxy;
  std::string instance_id, public_address, hold_music, realms;
  std::vector<std::uint32_t> codecs, srtp_suites;
  Headers headers;

  AccountConfig() { check(sidetone_account_config_init(&values, sizeof values)); }

  /// Has `use` called with C's form.
  template <typename Use>
  void with_raw(Use use) const {
    sidetone_account_config raw = values;
    detail::borrow_into(raw.aor, aor);
    detail::borrow_into(raw.display_name, display_name);
    detail::borrow_into(raw.registrar, registrar);
    detail::borrow_into(raw.auth_user, auth_user);
    detail::borrow_into(raw.password, password);
    detail::borrow_into(raw.outbound_proxy, outbound_proxy);
    detail::borrow_into(raw.instance_id, instance_id);
    detail::borrow_into(raw.public_address, public_address);
    detail::borrow_into(raw.hold_music, hold_music);
    detail::borrow_into(raw.realms, realms);
    detail::fill(raw.codecs, codecs);
    detail::fill(raw.srtp_suites, srtp_suites);
    detail::HeaderList list(headers);
    raw.headers = list.get();
    use(&raw);
  }
};

/// What an account does without asking; see sidetone_account_services.
struct AccountServices {
  sidetone_account_services values{};
  std::string forward_always, forward_busy, forward_no_answer, auto_answer_callers;
  std::string preferred_identity, asserted_identity;
  std::string dial_plan, country_code, international_prefix, national_prefix, plus;

  AccountServices() { check(sidetone_account_services_init(&values, sizeof values)); }

  /// In C's form, borrowed.
  sidetone_account_services raw() const {
    sidetone_account_services raw = values;
    detail::borrow_into(raw.forward_always, forward_always);
    detail::borrow_into(raw.forward_busy, forward_busy);
    detail::borrow_into(raw.forward_no_answer, forward_no_answer);
    detail::borrow_into(raw.auto_answer_callers, auto_answer_callers);
    detail::borrow_into(raw.preferred_identity, preferred_identity);
    detail::borrow_into(raw.asserted_identity, asserted_identity);
    detail::borrow_into(raw.dial_plan, dial_plan);
    detail::borrow_into(raw.country_code, country_code);
    detail::borrow_into(raw.international_prefix, international_prefix);
    detail::borrow_into(raw.national_prefix, national_prefix);
    detail::borrow_into(raw.plus, plus);
    return raw;
  }
};

/// Options of a dial; zeros and empty lists are the account's.
struct DialOptions {
  sidetone_dial_options values{};
  std::vector<std::uint32_t> codecs;
  Headers headers;

  DialOptions() { check(sidetone_dial_options_init(&values, sizeof values)); }

  /// Has `use` called with C's form; what that gives.
  template <typename Use>
  std::int32_t with_raw(Use use) const {
    sidetone_dial_options raw = values;
    detail::fill(raw.codecs, codecs);
    detail::HeaderList list(headers);
    raw.headers = list.get();
    return use(&raw);
  }
};

/// How a call is tapped; see sidetone_tap_options.
struct TapOptions {
  sidetone_tap_options values{};

  TapOptions() { check(sidetone_tap_options_init(&values, sizeof values)); }
};

/// How audio is put into a call; see sidetone_inject_options.
struct InjectOptions {
  sidetone_inject_options values{};

  InjectOptions() { check(sidetone_inject_options_init(&values, sizeof values)); }
};

/// How something is watched; see sidetone_subscription_options.
struct SubscriptionOptions {
  sidetone_subscription_options values{};
  std::string event, accept;

  SubscriptionOptions() { check(sidetone_subscription_options_init(&values, sizeof values)); }

  /// In C's form, borrowed.
  sidetone_subscription_options raw() const {
    sidetone_subscription_options raw = values;
    detail::borrow_into(raw.event, event);
    detail::borrow_into(raw.accept, accept);
    return raw;
  }
};

/// Our own presence; see sidetone_presence.
struct Presence {
  bool open = true;
  std::string activity, note;

  /// In C's form, borrowed.
  sidetone_presence raw() const {
    sidetone_presence raw{};
    check(sidetone_presence_init(&raw, sizeof raw));
    raw.open = open ? 1u : 0u;
    detail::borrow_into(raw.activity, activity);
    detail::borrow_into(raw.note, note);
    return raw;
  }
};

}  // namespace sidetone

#endif  // SIDETONE_SETTINGS_HPP
