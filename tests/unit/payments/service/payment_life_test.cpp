#include "payments/records/ledger_records.hpp"
#include "payments/records/lookups.hpp"
#include "payments/records/money_records.hpp"
#include "payments/service/payment_service.hpp"
#include "tests/unit/payments/service/service_fixture.hpp"

#include <map>
#include <random>

namespace postern::payments {
namespace {

constexpr std::string_view kCards[] =
    {kVisa, kDeclinedCard, kChallengedCard, kAvailableCard, "4000000000007726", "4000000000005126"};
constexpr EventType kNews[] = {
    EventType::payment_created,
    EventType::payment_succeeded,
    EventType::payment_failed,
    EventType::payment_captured,
    EventType::payment_canceled,
    EventType::payment_requires_action,
    EventType::payment_action_completed,
    EventType::refund_created,
    EventType::refund_succeeded,
    EventType::refund_failed,
    EventType::dispute_created,
    EventType::dispute_closed};
constexpr const char* kOutcomes[] = {"won", "lost", "warning_closed", "warning_needs_response", ""};
constexpr int kSteps = 120;

// Merchants, gateways and webhooks do whatever they like in whatever order, from a seed.
class PaymentLifeTest : public ServiceTest {
 protected:
    std::size_t below(std::size_t bound) { return random_() % bound; }
    bool sometimes() { return below(2) == 0; }
    template <class T, std::size_t Count>
    const T& any_of(const T (&choices)[Count]) {
        return choices[below(Count)];
    }
    PaymentId any_payment() { return payments_[below(payments_.size())]; }

    void begin_one();
    void command();
    void hear_something();
    void answer_something();
    void look(PaymentId id);

    std::mt19937 random_;
    std::vector<PaymentId> payments_;
    std::vector<OrderId> waiting_;
    std::map<std::int64_t, Payment> ended_;
};

void PaymentLifeTest::begin_one() {
    PaymentDraft asked = draft(
        {.card = any_of(kCards),
         .minor = static_cast<std::int64_t>(100 + below(900)),
         .capture = sometimes() ? CaptureMethod::manual : CaptureMethod::automatic,
         .confirmation = sometimes() ? ConfirmationMethod::manual : ConfirmationMethod::automatic,
         .gateway = sometimes() ? "stripe" : "slow"}
    );
    if (below(5) == 0) asked.new_method = bank_account("000123456789");
    const auto then = sometimes() ? ThenConfirm::yes : ThenConfirm::no;
    payments_.push_back(done(run([&](Work& work) { return create_payment(work, asked, then); })
    ).payment.id);
}

void PaymentLifeTest::command() {
    const PaymentId id = any_payment();
    const auto minor = sometimes() ? std::optional<std::int64_t>{below(400)} : std::nullopt;
    PaymentEdit edit;
    if (sometimes()) edit.new_method = card(any_of(kCards));
    const std::size_t chosen = below(4);
    const auto result = run([&](Work& work) -> Done<FullPayment> {
        if (chosen == 0) return confirm_payment(work, id, {edit, ""});
        if (chosen == 1) return capture_payment(work, id, minor);
        if (chosen == 2) return cancel_payment(work, id, "abandoned");
        auto refunded = create_refund(work, {.payment = id, .minor = minor});
        if (!refunded) return refunded.error();
        return std::move(refunded->payment);
    });
    const bool refused = !result && result.error().refusal() != nullptr;
    EXPECT_TRUE(result.has_value() || refused);
}

void PaymentLifeTest::hear_something() {
    const FullPayment full = stored(any_payment());
    UnifiedEvent event = news(any_of(kNews), full.payment);
    if (event.gateway_payment_id.empty()) {
        event.merchant_reference = bare_uuid(around_.ids, full.payment.id);
    }
    if (subject_of(event.type) == EventSubject::refund) {
        event.gateway_refund_id = full.refunds.empty() || below(4) == 0
                                      ? "re_desk_" + std::to_string(below(50))
                                      : full.refunds[below(full.refunds.size())].gateway_refund_id;
        event.amount = "1.00";
    }
    if (subject_of(event.type) == EventSubject::dispute) {
        event.gateway_dispute_id = "dp_" + std::to_string(full.payment.id.value);
        event.outcome = any_of(kOutcomes);
    }
    const std::string_view gateway = gateways_.find(full.payment.gateway)->name;
    hear(event, gateway);
    if (sometimes()) hear(event, gateway);
}

void PaymentLifeTest::answer_something() {
    if (waiting_.empty()) return;
    const OrderId order = waiting_[below(waiting_.size())];
    if (read(load_order(books(), order))) answer(order, "stripe");
}

void PaymentLifeTest::look(PaymentId id) {
    const FullPayment full = stored(id);
    const Payment& payment = full.payment;
    ASSERT_GE(payment.refunded_minor, 0);
    ASSERT_LE(payment.refunded_minor, payment.received_minor);
    ASSERT_LE(payment.received_minor, payment.amount.minor);
    ASSERT_EQ(payment.status == PaymentStatus::succeeded, payment.received_minor > 0);
    ASSERT_EQ(payment.status == PaymentStatus::requires_capture, payment.capturable_minor > 0);
    ASSERT_EQ(payment.status == PaymentStatus::requires_action, payment.next_action.has_value());
    std::int64_t taken = 0;
    const auto charges = read(list_charges(connection(), {owner_, id}, {.rows_max = 100}));
    for (const Charge& charge : charges.rows) taken += charge.captured_minor;
    ASSERT_EQ(taken, payment.received_minor) << "at most one charge takes the money";
    std::int64_t refunded = 0;
    for (const Refund& refund : full.refunds) {
        const bool given_back = refund.status == RefundStatus::failed;
        if (!given_back) refunded += refund.amount.minor;
    }
    ASSERT_EQ(refunded, payment.refunded_minor);
    if (const auto before = ended_.find(id.value); before != ended_.end()) {
        ASSERT_EQ(payment.status, before->second.status) << "an end is an end";
        ASSERT_EQ(payment.received_minor, before->second.received_minor);
    }
    if (is_ended(payment.status)) ended_[id.value] = payment;
}

TEST_P(PaymentLifeTest, KeepsItsPromisesWhateverHappens) {
    for (const unsigned seed : {1U, 2U, 3U, 4U}) {
        SCOPED_TRACE(seed);
        random_.seed(seed);
        payments_.clear();
        begin_one();
        for (int step = 0; step < kSteps; ++step) {
            SCOPED_TRACE(step);
            clock_.at += std::chrono::seconds{below(4)};
            switch (below(5)) {
                case 0: begin_one(); break;
                case 1: answer_something(); break;
                case 2: hear_something(); break;
                default: command(); break;
            }
            waiting_.insert(waiting_.end(), orders_.begin(), orders_.end());
            orders_.clear();
            for (const PaymentId id : payments_) ASSERT_NO_FATAL_FAILURE(look(id));
        }
        ASSERT_EQ(read(audit_books(connection())), std::vector<std::string>{});
        EXPECT_GT(rows("refunds"), 0);
        EXPECT_GT(ended_.size(), payments_.size() / 4);
    }
}

INSTANTIATE_TEST_SUITE_P(
    AllDrivers,
    PaymentLifeTest,
    ::testing::ValuesIn(storage::all_drivers()),
    storage::driver_name
);

}  // namespace
}  // namespace postern::payments
