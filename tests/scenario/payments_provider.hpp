#pragma once

#include "payments/gateways/gateway.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace postern::payments::scenario {

// What really happened at a provider to one payment.
struct AtProvider {
    std::int64_t captured_minor = 0;
    enum class Canceled : std::uint8_t { no, yes } canceled = Canceled::no;
};

// Carries out what a sandbox would say, once for each order however often it is asked, and
// remembers it: answers may be lost, what was done stays done.
class Provider {
 public:
    explicit Provider(std::shared_ptr<const Gateway> words) : words_{std::move(words)} {}

    struct Done {
        GatewayAnswer answer;  // without its messages
        std::vector<ProviderMessage> messages;
    };
    // Messages only where the order is carried out now, not where it is remembered.
    Done carry_out(const GatewayOrder& order);
    // The customer did something on a page, which is the provider's own.
    void correct(PaymentId payment, std::int64_t captured_minor);
    const AtProvider* find(PaymentId payment) const;

 private:
    std::optional<GatewayAnswer> refusal(const GatewayOrder& order) const;
    void remember(const GatewayOrder& order, const GatewayAnswer& answer);

    std::shared_ptr<const Gateway> words_;
    std::map<OrderId, GatewayAnswer> answers_;
    std::map<PaymentId, AtProvider> payments_;
};

// The gateway that leads there: never answers inside a transaction. The world calls the provider
// itself, so that it can lose what it is told.
class DistantGateway final : public Gateway {
 public:
    explicit DistantGateway(std::shared_ptr<const Gateway> words) : words_{std::move(words)} {}
    std::optional<GatewayAnswer> answer_at_once(const GatewayOrder&) const override {
        return std::nullopt;
    }
    void call(const GatewayOrder&, Answered) const override {}
    std::span<const MethodDescription> methods() const override { return words_->methods(); }
    std::string_view display_name() const override { return words_->display_name(); }

 private:
    std::shared_ptr<const Gateway> words_;
};

}  // namespace postern::payments::scenario
