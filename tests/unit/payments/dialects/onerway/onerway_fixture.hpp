#pragma once

#include "core/json_document.hpp"
#include "payments/api.hpp"
#include "tests/unit/payments/service/service_fixture.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace postern::payments::onerway {

// An answer, read: at("error.code"), at("data.0.id").
class Answer {
 public:
    explicit Answer(HttpReply reply);
    int status() const { return reply_.status; }
    const std::string& body() const { return reply_.body; }
    JsonValue json(std::string_view path) const { return document_->root().path(path); }
    // A text or number as it is, "true", "null", "{}" for an object, "[]" for a list, and
    // "missing" for what is not there.
    std::string at(std::string_view path) const;
    std::string id() const { return at("id"); }
    // "404 resource_missing|id|No such customer: 'x'" of an error.
    std::string error() const;
    // The ids of a list.
    std::vector<std::string> ids() const;

 private:
    HttpReply reply_;
    std::optional<JsonDocument> document_;
};

struct Asking {
    std::string_view method;
    std::string_view target;
    std::string_view body = {};
    std::string_view content_type = "application/x-www-form-urlencoded";
    KeyKind key = KeyKind::secret;
    bool is_stripe_client = false;
};

// The /v1 dialect from request to answer, over the services and a real store.
class OnerwayTest : public ServiceTest {
 protected:
    Answer ask(const Asking& asking);
    Answer get(std::string_view target) { return ask({.method = "GET", .target = target}); }
    Answer post(std::string_view target, std::string_view form = {}) {
        return ask({.method = "POST", .target = target, .body = form});
    }
    Answer remove(std::string_view target) { return ask({.method = "DELETE", .target = target}); }
    // What must succeed.
    std::string made(std::string_view target, std::string_view form);
    std::string paid(std::string_view more = {});  // a payment of 1000 usd by pm_card_visa

    // A payment by the card that is always disputed, and its bank's news of it.
    void pay_and_dispute(std::string_view amount);

    HttpReply run_plan(Plan plan);
};

#define POSTERN_ONERWAY_SUITE(name)                                                     \
    class name : public OnerwayTest {};                                                 \
    INSTANTIATE_TEST_SUITE_P(                                                           \
        Stores, name, ::testing::ValuesIn(storage::all_drivers()), storage::driver_name \
    )

}  // namespace postern::payments::onerway
