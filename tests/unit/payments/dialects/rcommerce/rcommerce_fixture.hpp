#pragma once

#include "core/json_document.hpp"
#include "payments/api.hpp"
#include "payments/card_desk.hpp"
#include "payments/gateways/sandbox/sandbox_gateway.hpp"
#include "storage/account_repository.hpp"
#include "tests/unit/storage/store_fixture.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::payments::rcommerce {

// An answer as a client reads it.
class Answer {
 public:
    explicit Answer(HttpReply reply);

    int status() const { return reply_.status; }
    const HttpReply& reply() const { return reply_; }
    const std::string& body() const { return reply_.body; }
    JsonValue json() const { return document_->root(); }
    JsonValue at(std::string_view path) const { return json().path(path); }
    std::string text(std::string_view path) const { return std::string{at(path).string()}; }
    // "CARD_DECLINED"; empty: no error.
    std::string code() const { return text("error.code"); }
    // The fields that are complained about, in order.
    std::vector<std::string> fields() const;

 private:
    HttpReply reply_;
    std::unique_ptr<JsonDocument> document_;
};

struct Told {
    std::optional<EventType> type;
    std::string stripe_type;
    std::string object;
};

class ListeningDoor final : public EventDoor {
 public:
    Result<EventId, storage::StoreError>
    announce(storage::Transaction& transaction, const Announcement& announcement) override;
    std::vector<Told> told;
};

// What is asked; everything but the first two may be left out.
struct Ask {
    std::string_view method;
    std::string target;
    std::string body = {};
    Language language = Language::english;
    Owner owner = {storage::kDefaultAccount, storage::Livemode::test};
};

// The dialect over a store of its own, with the sandbox gateways and a clock that stands still.
class RcommerceTest : public ::testing::Test {
 protected:
    RcommerceTest();
    void SetUp() override;

    Answer ask(const Ask& ask);
    Answer get(const std::string& target) { return ask({"GET", target}); }
    Answer post(const std::string& target, std::string body = {}) {
        return ask({"POST", target, std::move(body)});
    }
    Answer erase(const std::string& target) { return ask({"DELETE", target}); }
    void pass(Microseconds time) { clock_.at += time; }

    // What the endpoint makes of the request, unexecuted.
    Plan plan_of(const Ask& ask);
    std::string last_idempotency_key() const { return idempotency_key_; }

    storage::TemporaryDirectory directory_;
    storage::FixedClock clock_;
    std::unique_ptr<storage::Database> database_;
    std::unique_ptr<CardDesk> desk_;
    std::unique_ptr<GatewayBook> gateways_;
    std::unique_ptr<Surroundings> around_;
    ListeningDoor door_;

 private:
    HttpReply carry_out(const Ask& ask, Plan plan);

    std::string idempotency_key_;
};

// Bodies of the documents' own examples.
std::string older_body(std::string_view card, std::string_view more = {});  // `gateway`
std::string newer_body(std::string_view card, std::string_view more = {});  // `gateway_id`
std::string card_json(std::string_view number);

inline constexpr std::string_view kGoodCard = "4242424242424242";
inline constexpr std::string_view kCustomer = "550e8400-e29b-41d4-a716-446655440001";

}  // namespace postern::payments::rcommerce
