#pragma once

#include "core/time.hpp"
#include "payments/domain/dispute.hpp"
#include "payments/domain/payment.hpp"
#include "payments/domain/payout.hpp"
#include "payments/domain/refund.hpp"
#include "payments/gateways/provider_message.hpp"
#include "payments/ledger/ledger.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

// The seam to those who move money. What a gateway is asked is an order, what it says is an answer;
// the domain knows neither sandbox nor network.
namespace postern::payments {

// Stored numbers: new values are added at the end only.
enum class OrderKind : std::uint8_t {
    authorize,
    capture,
    cancel,
    refund,
    payout,
    evidence,
    complete,
    payout_cancel,
    dispute_close  // it is not contested
};

struct GatewayOrder {
    OrderId id;  // the provider's idempotency key is made of it
    OrderKind kind = OrderKind::authorize;
    Payment payment;  // as it stands; of a payout: empty
    // What the payment pays, or paid, with; to authorize it must be there.
    std::optional<PaymentMethod> method;
    // Passed: the customer has done what was required, and a merchant whose confirmation_method is
    // manual confirms again.
    enum class Challenge : std::uint8_t { open, passed } challenge = Challenge::open;
    std::int64_t minor = 0;  // to capture, refund or pay out
    std::optional<Refund> refund;
    std::optional<Payout> payout;
    std::optional<Dispute> dispute;
    TimePoint now;
};

struct GatewayAnswer {
    // What became of the payment, in order: an approved challenge is ActionPassed and Captured.
    std::vector<PaymentFact> facts;
    std::optional<RefundFact> refund;
    std::optional<PayoutFact> payout;
    std::string gateway_payment_id;  // empty: as before; likewise the next
    std::string gateway_object_id;   // of the charge, refund or payout
    Charge::ThreeDSecure three_d_secure = Charge::ThreeDSecure::none;
    Bucket bucket = Bucket::pending_instant;  // where captured money lies
    std::int64_t fee_minor = 0;
    std::optional<Dispute> dispute;         // opened by it at once
    std::vector<ProviderMessage> messages;  // sandbox: what the provider will post to our receiver
};

struct FieldDescription {
    std::string_view name;  // "number"; its label is looked up by it in the reader's language
    std::string_view field_type;
    std::string_view pattern;
    std::string_view placeholder;
    enum class Needed : std::uint8_t { required, optional } needed = Needed::required;
};

struct MethodDescription {
    MethodType type = MethodType::card;
    std::string_view name;  // "card", "bank_transfer", "wechat_pay", as the R Commerce dialect says
    enum class Redirect : std::uint8_t { no, yes } redirect = Redirect::no;
    enum class Supports : std::uint8_t { no, yes };
    Supports three_d_secure = Supports::no;
    Supports tokenization = Supports::no;
    Supports recurring = Supports::no;
    std::span<const FieldDescription> fields;
    std::span<const std::string_view> currencies;  // upper case
    std::int64_t min_minor = kAmountMinorMin;
    std::int64_t max_minor = kAmountMinorMax;
};

class Gateway {
 public:
    virtual ~Gateway() = default;

    // An answer that needs no call, inside the transaction that asks: a sandbox. nullopt: it must
    // be called, and until it has answered the payment is processing, neither won nor lost.
    virtual std::optional<GatewayAnswer> answer_at_once(const GatewayOrder& order) const = 0;
    // Calls the provider with the order's idempotency key. `answered` is called once, from any
    // thread; nullopt: the outcome is unknown, and the order will be asked again.
    using Answered = std::function<void(std::optional<GatewayAnswer>)>;
    virtual void call(const GatewayOrder& order, Answered answered) const = 0;

    virtual std::span<const MethodDescription> methods() const = 0;
    // The smallest amount it can tell from none: its webhooks would round everything in between.
    virtual std::int64_t step_minor(const Currency&) const { return 1; }
    virtual std::string_view display_name() const = 0;
};

// One configured gateway as the payment API sees it.
struct PaymentGateway {
    std::string name;  // "stripe": what `gateway` and `gateway_id` say
    std::string kind;
    storage::GatewayNumber number;
    enum class Mode : std::uint8_t { sandbox, live } mode = Mode::sandbox;
    std::shared_ptr<const Gateway> gateway;
};

// All of them. Immutable once built.
class GatewayBook {
 public:
    explicit GatewayBook(std::vector<PaymentGateway> gateways, std::string default_name);
    const PaymentGateway* find(std::string_view name) const;
    const PaymentGateway* find(storage::GatewayNumber number) const;
    // Of payments that name none, as all of the /v1 dialect.
    const PaymentGateway* default_gateway() const;
    std::span<const PaymentGateway> all() const { return gateways_; }

 private:
    std::vector<PaymentGateway> gateways_;
    std::string default_name_;
};

}  // namespace postern::payments
