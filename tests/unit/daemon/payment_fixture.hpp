#pragma once

#include "daemon/order_runner.hpp"
#include "daemon/payment_calls.hpp"
#include "daemon/payment_news.hpp"
#include "daemon/payment_side.hpp"
#include "tests/unit/daemon/api_fixture.hpp"

#include <optional>
#include <string>
#include <vector>

namespace postern::daemon {

// A card that is to pay.
struct Paying {
    std::string card = "4242424242424242";
    std::string key = {};   // Idempotency-Key; empty: none
    std::string more = {};  // of the form
};

// The payment API over the fixture's store, with sandbox gateways of its own: each test says how
// they behave before it asks for anything.
class PaymentFixture : public ApiFixture {
 protected:
    PaymentFixture();
    ~PaymentFixture() override;

    void open_payments();
    config::Config config_;
    enum class Orders { run, rest } orders_are_ = Orders::run;

    ApiAnswer pay(const Paying& paying = {});
    ApiAnswer post_form(const std::string& target, std::string form, const std::string& key = {});
    ApiAnswer post_json(const std::string& target, std::string body, const std::string& key = {});
    // The types of what /v1/events shows, oldest first.
    std::string told();
    std::string inbox_events();  // of each webhook, oldest first: the ids of its events
    std::string gateway_id_of(const ApiAnswer& payment_intent) const;

    std::optional<PaymentSurroundings> surroundings_;
    std::optional<PaymentStore> payment_store_;
    std::optional<OrderRunner> orders_;
    std::optional<PaymentCalls> calls_;
    PaymentNews news_;

 private:
    class Side;
    std::unique_ptr<PaymentSide> side_;
};

}  // namespace postern::daemon
