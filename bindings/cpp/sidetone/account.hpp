// Accounts, what they watch, and what they publish. Included by sidetone.hpp.
//
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef SIDETONE_ACCOUNT_HPP
#define SIDETONE_ACCOUNT_HPP

#include "message.hpp"
#include "settings.hpp"

namespace sidetone {

/// Somebody, or a mailbox, that is watched, until remove(): a handle to copy around, as Call is.
class Subscription : public detail::Handle<Subscription> {
 public:
  using Handle::Handle;

  /// At once; begins one anew that has ended.
  void refresh(std::uint64_t *request = nullptr) {
    check(sidetone_subscription_refresh(engine_, id_, request));
  }

  void remove(std::uint64_t *request = nullptr) {
    check(sidetone_subscription_remove(engine_, id_, request));
  }

  sidetone_subscription_info info() const {
    return detail::read_values<sidetone_subscription_info>([&](sidetone_subscription_info *info) {
      return sidetone_subscription_info_read(engine_, id_, info);
    });
  }

  /// SIDETONE_SUBSCRIPTION_TEXT_*.
  std::string text(std::uint32_t which) const {
    auto read = [&](char *buffer, std::uint32_t capacity, std::uint32_t *needed) {
      return sidetone_subscription_text_read(engine_, id_, which, buffer, capacity, needed);
    };
    return detail::read_text(read).value_or("");
  }

  /// One of the `dialogs` of info(), from 0.
  sidetone_watched_dialog dialog(std::uint32_t index) const {
    return detail::read_values<sidetone_watched_dialog>([&](sidetone_watched_dialog *dialog) {
      return sidetone_subscription_dialog_read(engine_, id_, index, dialog);
    });
  }

  /// SIDETONE_DIALOG_TEXT_* of it.
  std::string dialog_text(std::uint32_t index, std::uint32_t which) const {
    auto read = [&](char *buffer, std::uint32_t capacity, std::uint32_t *needed) {
      return sidetone_subscription_dialog_text_read(engine_, id_, index, which, buffer, capacity,
                                                    needed);
    };
    return detail::read_text(read).value_or("");
  }
};

/// Event state that is published, until remove(): a handle to copy around, as Call is.
class Publication : public detail::Handle<Publication> {
 public:
  using Handle::Handle;

  void update(const Presence &presence, std::uint64_t *request = nullptr) {
    sidetone_presence raw = presence.raw();
    check(sidetone_presence_update(engine_, id_, &raw, request));
  }

  void update(const Body &body, std::uint64_t *request = nullptr) {
    check(sidetone_publication_update(engine_, id_, body.content_type.data(),
                                      detail::length(body.content_type), body.octets.data(),
                                      static_cast<std::uint32_t>(detail::length(body.octets)),
                                      request));
  }

  void remove(std::uint64_t *request = nullptr) {
    check(sidetone_publication_remove(engine_, id_, request));
  }
};

/// An account of an engine, until remove(): a handle to copy around, as Call is.
class Account : public detail::Handle<Account> {
 public:
  using Handle::Handle;

  void update(const AccountConfig &config, std::uint64_t *request = nullptr) {
    config.with_raw([&](const sidetone_account_config *raw) {
      check(sidetone_account_update(engine_, id_, raw, request));
    });
  }

  void remove(std::uint64_t *request = nullptr) {
    check(sidetone_account_remove(engine_, id_, request));
  }

  void register_now(std::uint64_t *request = nullptr) {
    check(sidetone_account_register(engine_, id_, request));
  }

  void unregister(std::uint64_t *request = nullptr) {
    check(sidetone_account_unregister(engine_, id_, request));
  }

  /// What it does without asking, for calls that begin from now on.
  void set_services(const AccountServices &services) {
    sidetone_account_services raw = services.raw();
    check(sidetone_account_services_set(engine_, id_, &raw));
  }

  sidetone_account_info info() const {
    return detail::read_values<sidetone_account_info>([&](sidetone_account_info *info) {
      return sidetone_account_info_read(engine_, id_, info);
    });
  }

  /// SIDETONE_ACCOUNT_TEXT_*.
  std::string text(std::uint32_t which) const {
    auto read = [&](char *buffer, std::uint32_t capacity, std::uint32_t *needed) {
      return sidetone_account_text_read(engine_, id_, which, buffer, capacity, needed);
    };
    return detail::read_text(read).value_or("");
  }

  /// A body without a type is text.
  void send_message(std::string_view uri, const Body &body, std::uint64_t *request = nullptr) {
    detail::send_message(engine_, id_, uri, body, request);
  }

  void send_request(std::string_view uri, const SipRequest &sip,
                    std::uint64_t *request = nullptr) {
    detail::send_request(engine_, id_, uri, sip, request);
  }

  Publication publish(const Presence &presence, std::uint64_t *request = nullptr) {
    sidetone_presence raw = presence.raw();
    std::uint64_t id = SIDETONE_ID_NONE;
    check(sidetone_presence_publish(engine_, id_, &raw, &id, request));
    return Publication(engine_, id);
  }

  /// Event state of any package.
  Publication publish(std::string_view event, const Body &body, std::uint64_t *request = nullptr) {
    std::uint64_t id = SIDETONE_ID_NONE;
    check(sidetone_publication_add(engine_, id_, event.data(), detail::length(event),
                                   body.content_type.data(), detail::length(body.content_type),
                                   body.octets.data(),
                                   static_cast<std::uint32_t>(detail::length(body.octets)), &id,
                                   request));
    return Publication(engine_, id);
  }
};

}  // namespace sidetone

#endif  // SIDETONE_ACCOUNT_HPP
