#include "payments/records/payment_records.hpp"

#include "tests/unit/payments/records/records_fixture.hpp"

namespace postern::payments {
namespace {

class PaymentRecordsTest : public RecordsTest {
 protected:
    std::optional<Payment> find(PaymentId id, Owner owner = kMerchant) {
        const auto found = find_payment(connection(), owner, id);
        EXPECT_TRUE(found.has_value());
        return found ? *found : std::nullopt;
    }
    std::int64_t rows(const std::string& table) { return storage::count_rows(connection(), table); }
};

Payment full_payment() {
    Payment payment = payment_of(12'345);
    payment.status = PaymentStatus::requires_action;
    payment.amount.currency = currency("jpy");
    payment.capturable_minor = 1;
    payment.received_minor = 2;
    payment.refunded_minor = 3;
    payment.capture_method = CaptureMethod::manual;
    payment.confirmation_method = ConfirmationMethod::manual;
    payment.gateway = storage::GatewayNumber{4};
    payment.gateway_payment_id = "pi_abc";
    payment.customer = CustomerId{5};
    payment.method = PaymentMethodId{6};
    payment.latest_charge = ChargeId{7};
    payment.dispute = DisputeId{8};
    payment.order_id = "order 9";
    payment.last_error = PaymentError{"card_declined", "generic_decline", "No."};
    payment.next_action = NextAction{.url = "https://a"};
    payment.cancellation_reason = "duplicate";
    payment.authenticated_method = PaymentMethodId{6};
    payment.captured_at = from_unix_seconds(10);
    payment.canceled_at = from_unix_seconds(11);
    payment.details.description = "d";
    payment.details.metadata = {{"order", "1"}, {"shop", "2"}};
    return payment;
}

TEST_F(PaymentRecordsTest, FindsWhatItInserted) {
    const Payment payment = insert(full_payment());
    EXPECT_NE(payment.id.value, 0);
    EXPECT_EQ(payment.number, 1);
    EXPECT_EQ(payment.created_at, clock_.at);
    EXPECT_EQ(find(payment.id), payment);
}

TEST_F(PaymentRecordsTest, ShowsAPaymentToItsOwnerOnly) {
    const Payment payment = insert(full_payment());
    EXPECT_EQ(find(payment.id, kMerchantLive), std::nullopt);
    EXPECT_EQ(find(payment.id, Owner{AccountId{2}, storage::Livemode::test}), std::nullopt);
}

TEST_F(PaymentRecordsTest, FindsByTheGatewaysId) {
    const Payment payment = insert(full_payment());
    const auto find_at = [this](std::int64_t gateway, std::string_view id) {
        const auto found =
            find_payment_by_gateway_id(connection(), {storage::GatewayNumber{gateway}, id});
        return found && *found ? std::optional{(*found)->id} : std::nullopt;
    };
    EXPECT_EQ(find_at(4, "pi_abc"), payment.id);
    EXPECT_EQ(find_at(5, "pi_abc"), std::nullopt);
    EXPECT_EQ(find_at(4, "pi_abd"), std::nullopt);
    EXPECT_EQ(find_at(4, ""), std::nullopt);
}

TEST_F(PaymentRecordsTest, NumbersEachOwnersPaymentsWithoutGaps) {
    EXPECT_EQ(insert(payment_of(50)).number, 1);
    EXPECT_EQ(insert(payment_of(50, kMerchantLive)).number, 1);
    const auto undone = try_write([](Transaction& transaction) -> Result<void, StoreError> {
        Payment payment = payment_of(50);
        const auto inserted = insert_payment(transaction, payment);
        if (!inserted) return inserted.error();
        return StoreError::constraint;
    });
    EXPECT_TRUE(undone.has_error());
    EXPECT_EQ(insert(payment_of(50)).number, 2);
}

TEST_F(PaymentRecordsTest, UpdatesWhateverChanged) {
    const std::vector<void (*)(Payment&)> edits = {
        [](Payment& payment) { payment.status = PaymentStatus::canceled; },
        [](Payment& payment) { payment.last_error.reset(); },
        [](Payment& payment) { payment.next_action.reset(); },
        [](Payment& payment) { payment.gateway_payment_id = "pi_other"; },
        [](Payment& payment) { payment.gateway = storage::GatewayNumber{9}; },
        [](Payment& payment) { payment.amount.minor = 99; },
        [](Payment& payment) { payment.amount.currency = currency("eur"); },
        [](Payment& payment) { payment.customer.reset(); },
        [](Payment& payment) { payment.capture_method = CaptureMethod::automatic; },
        [](Payment& payment) { payment.order_id = "another"; },
        [](Payment& payment) {
            payment.details.metadata = {{"shop", "2"}, {"new", "3"}};
        },
        [](Payment& payment) { payment.refunded_minor = 50; },
        [](Payment& payment) { payment.captured_at = from_unix_seconds(99); },
        [](Payment& payment) { payment.method.reset(); },
        [](Payment& payment) { payment.latest_charge = ChargeId{70}; },
        [](Payment& payment) { payment.dispute.reset(); },
        [](Payment& payment) { payment.authenticated_method.reset(); },
    };
    Payment payment = insert(full_payment());
    for (const auto edit : edits) {
        SCOPED_TRACE(&edit - edits.data());
        pass(std::chrono::seconds{1});
        Payment edited = payment;
        edit(edited);
        edited = update(payment, edited);
        EXPECT_EQ(edited.version, payment.version + 1);
        EXPECT_EQ(edited.updated_at, clock_.at);
        EXPECT_EQ(find(payment.id), edited);
        payment = edited;
    }
}

TEST_F(PaymentRecordsTest, RefusesAnUpdateOfWhatSomebodyElseChanged) {
    const Payment before = insert(full_payment());
    Payment mine = before;
    mine.order_id = "mine";
    update(before, mine);
    Payment theirs = before;
    theirs.status = PaymentStatus::canceled;
    theirs.details.metadata.clear();
    write([&](Transaction& transaction) -> Result<void, StoreError> {
        const auto updated = update_payment(transaction, theirs, before);
        if (!updated) return updated.error();
        EXPECT_FALSE(*updated);
        return {};
    });
    EXPECT_EQ(find(before.id)->order_id, "mine");
    EXPECT_EQ(rows("payment_metadata"), 2);
}

TEST_F(PaymentRecordsTest, KeepsTheMetadatasRowsInStep) {
    const Payment before = insert(full_payment());
    EXPECT_EQ(rows("payment_metadata"), 2);
    Payment after = before;
    after.details.metadata = {{"shop", "other"}};
    update(before, after);
    EXPECT_EQ(rows("payment_metadata"), 1);
}

struct FaceCase {
    PaymentStatus status;
    std::int64_t received;
    std::int64_t refunded;
    bool has_error;
    FaceStatus expected;
};
constexpr FaceCase kFaceCases[] = {
    {PaymentStatus::requires_payment_method, 0, 0, false, FaceStatus::pending},
    {PaymentStatus::requires_payment_method, 0, 0, true, FaceStatus::failed},
    {PaymentStatus::requires_confirmation, 0, 0, true, FaceStatus::pending},
    {PaymentStatus::requires_action, 0, 0, false, FaceStatus::pending},
    {PaymentStatus::processing, 0, 0, false, FaceStatus::processing},
    {PaymentStatus::requires_capture, 0, 0, false, FaceStatus::processing},
    {PaymentStatus::succeeded, 100, 0, false, FaceStatus::succeeded},
    {PaymentStatus::succeeded, 100, 99, false, FaceStatus::succeeded},
    {PaymentStatus::succeeded, 100, 100, false, FaceStatus::refunded},
    {PaymentStatus::canceled, 0, 0, true, FaceStatus::canceled},
};
TEST(FaceStatusOf, SaysTheOtherDialectsWord) {
    for (const FaceCase& test_case : kFaceCases) {
        Payment payment;
        payment.status = test_case.status;
        payment.received_minor = test_case.received;
        payment.refunded_minor = test_case.refunded;
        if (test_case.has_error) payment.last_error.emplace();
        EXPECT_EQ(face_status_of(payment), test_case.expected);
        EXPECT_EQ(face_status_from_text(to_text(test_case.expected)), test_case.expected);
    }
    EXPECT_EQ(face_status_from_text("requires_action"), std::nullopt);
}

}  // namespace
}  // namespace postern::payments
