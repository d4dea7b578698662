#pragma once

#include "payments/records/gateway_records.hpp"
#include "payments/service/payment_service.hpp"
#include "payments/service/provider_news.hpp"
#include "tests/unit/payments/payments_fixture.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace postern::payments {

// Keeps what is told as the daemon does, so that it can be found again.
class KeepingDoor final : public EventDoor {
 public:
    Result<EventId, StoreError>
    announce(storage::Transaction& transaction, const Announcement& told) override;

    std::vector<Announcement> announcements;
};

// Answers when it is called, as real gateways do; its methods are those of another.
class SlowGateway final : public Gateway {
 public:
    explicit SlowGateway(std::shared_ptr<const Gateway> quick) : quick_{std::move(quick)} {}
    std::optional<GatewayAnswer> answer_at_once(const GatewayOrder&) const override {
        return std::nullopt;
    }
    void call(const GatewayOrder& order, Answered answered) const override {
        answered(quick_->answer_at_once(order));
    }
    std::span<const MethodDescription> methods() const override { return quick_->methods(); }
    std::string_view display_name() const override { return quick_->display_name(); }

 private:
    std::shared_ptr<const Gateway> quick_;
};

inline constexpr std::string_view kVisa = "4242424242424242";
inline constexpr std::string_view kDeclinedCard = "4000000000000002";
inline constexpr std::string_view kPoorCard = "4000000000009995";
inline constexpr std::string_view kChallengedCard = "4000002500003155";
inline constexpr std::string_view kFrictionlessCard = "4000000000003220";
inline constexpr std::string_view kAvailableCard = "4000000000000077";

struct Wanted {
    std::string_view card = kVisa;  // empty: none
    std::int64_t minor = 1'000;
    CaptureMethod capture = CaptureMethod::automatic;
    ConfirmationMethod confirmation = ConfirmationMethod::automatic;
    std::string_view gateway = "stripe";
};

// The payment services over a real store, with sandboxes that answer at once ("stripe",
// "airwallex", "alipay", "wechatpay"), one that answers later ("slow"), and a live one ("real").
class ServiceTest : public PaymentsTest {
 protected:
    void SetUp() override;
    void TearDown() override;  // the books must balance, whatever was done

    template <class Run>
    auto run(Run run) {
        return write([this, &run](storage::Transaction& transaction) {
            Work work{transaction, around_, keeping_door_, owner_, {}};
            auto result = run(work);
            orders_ = work.orders;
            return result;
        });
    }

    NewMethod card(std::string_view number);
    NewMethod bank_account(std::string_view number);
    PaymentDraft draft(const Wanted& wanted);
    FullPayment create(const Wanted& wanted = {});
    FullPayment pay(const Wanted& wanted = {});
    FullPayment confirm(PaymentId id, const PaymentEdit& edit = {});
    FullPayment capture(PaymentId id, std::optional<std::int64_t> minor = {});
    FullRefund refund(PaymentId id, std::optional<std::int64_t> minor = {});
    FullPayment stored(PaymentId id);
    Customer customer();

    // What the gateway said to an order, as the daemon brings it.
    void answer(OrderId id, std::string_view gateway);
    // As the page of a sandbox does.
    void settle(PaymentId id, const PaymentFact& fact);
    std::optional<NewsEffect> hear(const UnifiedEvent& event, std::string_view gateway = "stripe");
    UnifiedEvent news(EventType type, const Payment& payment);

    // The names of what was told since this was asked last.
    std::vector<std::string> told();
    std::int64_t rows(const std::string& table) { return count_rows(connection(), table); }
    std::vector<MessageRow> messages();

    KeepingDoor keeping_door_;
    std::vector<OrderId> orders_;  // of the last run

 private:
    std::size_t heard_ = 0;
};

}  // namespace postern::payments
