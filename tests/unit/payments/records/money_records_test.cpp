#include "payments/records/money_records.hpp"

#include "tests/unit/payments/records/records_fixture.hpp"

namespace postern::payments {
namespace {

constexpr storage::GatewayNumber kGateway{3};

class MoneyRecordsTest : public RecordsTest {
 protected:
    Charge insert(Charge charge) {
        write([&](Transaction& transaction) { return insert_charge(transaction, charge); });
        return charge;
    }
    Refund insert(Refund refund) {
        write([&](Transaction& transaction) { return insert_refund(transaction, refund, kGateway); }
        );
        return refund;
    }
    Dispute insert(Dispute dispute) {
        write([&](Transaction& transaction) {
            return insert_dispute(transaction, dispute, kGateway);
        });
        return dispute;
    }
};

template <class Row>
std::vector<std::int64_t> numbers(const Result<storage::Page<Row>, StoreError>& page) {
    std::vector<std::int64_t> ids;
    EXPECT_TRUE(page.has_value());
    if (!page) return ids;
    for (const Row& row : page->rows) ids.push_back(row.id.value);
    return ids;
}
using Numbers = std::vector<std::int64_t>;

Charge charge_of(std::int64_t id, PaymentId payment) {
    Charge charge;
    charge.id = ChargeId{id};
    charge.owner = kMerchant;
    charge.payment = payment;
    charge.amount = {1'000, currency("usd")};
    return charge;
}

Refund refund_of(std::int64_t id, PaymentId payment) {
    Refund refund;
    refund.id = RefundId{id};
    refund.owner = kMerchant;
    refund.payment = payment;
    refund.charge = ChargeId{payment.value * 10};
    refund.amount = {500, currency("eur")};
    return refund;
}

Dispute dispute_of(std::int64_t id, PaymentId payment) {
    Dispute dispute;
    dispute.id = DisputeId{id};
    dispute.owner = kMerchant;
    dispute.payment = payment;
    dispute.charge = ChargeId{payment.value * 10};
    dispute.amount = {700, currency("gbp")};
    return dispute;
}

TEST_F(MoneyRecordsTest, FindsAChargeAsItWasLeft) {
    Charge charge = charge_of(0, PaymentId{1});
    charge.status = Charge::Status::failed;
    charge.error = PaymentError{"card_declined", "generic_decline", "No."};
    charge.method = PaymentMethodId{4};
    charge.method_type = MethodType::us_bank_account;
    charge.card = Card{.last4 = "4242"};
    charge.bank = BankAccount{.last4 = "6789"};
    charge.billing.email = "a@b.example";
    charge.three_d_secure = Charge::ThreeDSecure::challenge;
    charge.customer = CustomerId{5};
    charge = insert(charge);
    EXPECT_NE(charge.id.value, 0);
    EXPECT_EQ(*find_charge(connection(), kMerchant, charge.id), charge);

    charge.status = Charge::Status::succeeded;
    charge.captured = Charge::Captured::yes;
    charge.captured_minor = 900;
    charge.refunded_minor = 100;
    charge.error.reset();
    charge.balance_transaction = BalanceTransactionId{8};
    charge.dispute = DisputeId{9};
    charge.gateway_charge_id = "ch_1";
    write([&](Transaction& transaction) { return update_charge(transaction, charge); });
    EXPECT_EQ(*find_charge(connection(), kMerchant, charge.id), charge);
    EXPECT_EQ(*find_charge(connection(), kMerchantLive, charge.id), std::nullopt);
}

TEST_F(MoneyRecordsTest, ListsCharges) {
    Charge of_customer = charge_of(12, PaymentId{1});
    of_customer.customer = CustomerId{5};
    insert(charge_of(11, PaymentId{1}));
    insert(of_customer);
    insert(charge_of(13, PaymentId{2}));
    const auto list = [this](ChargeFilter filter) {
        return numbers(list_charges(connection(), filter, {}));
    };
    EXPECT_EQ(list({.owner = kMerchant}), (Numbers{13, 12, 11}));
    EXPECT_EQ(list({.owner = kMerchant, .payment = PaymentId{1}}), (Numbers{12, 11}));
    EXPECT_EQ(list({.owner = kMerchant, .customer = CustomerId{5}}), Numbers{12});
    EXPECT_EQ(
        list({.owner = kMerchant, .payment = PaymentId{2}, .customer = CustomerId{5}}), Numbers{}
    );
    EXPECT_EQ(list({.owner = kMerchantLive, .payment = PaymentId{1}}), Numbers{});
    EXPECT_EQ(list({.owner = kMerchant, .created_from = clock_.at}), Numbers{});
}

TEST_F(MoneyRecordsTest, FindsARefundAsItWasLeft) {
    Refund refund = refund_of(0, PaymentId{1});
    refund.reason = "duplicate";
    refund.metadata = {{"a", "b"}};
    refund.gateway_refund_id = "re_1";
    refund = insert(refund);
    EXPECT_EQ(*find_refund(connection(), kMerchant, refund.id), refund);

    pass(std::chrono::seconds{3});
    refund.status = RefundStatus::failed;
    refund.failure_reason = "lost_or_stolen_card";
    refund.balance_transaction = BalanceTransactionId{4};
    refund.metadata = {{"c", "d"}};
    write([&](Transaction& transaction) { return update_refund(transaction, refund); });
    EXPECT_EQ(refund.updated_at, clock_.at);
    EXPECT_EQ(*find_refund(connection(), kMerchant, refund.id), refund);
    EXPECT_EQ(*find_refund(connection(), kMerchantLive, refund.id), std::nullopt);
    EXPECT_EQ(*find_refund_by_gateway_id(connection(), {kGateway, "re_1"}), refund);
    EXPECT_EQ(*find_refund_by_gateway_id(connection(), {kGateway, ""}), std::nullopt);
}

TEST_F(MoneyRecordsTest, ListsRefunds) {
    insert(refund_of(11, PaymentId{1}));
    insert(refund_of(12, PaymentId{2}));
    insert(refund_of(13, PaymentId{1}));
    const auto list = [this](RefundFilter filter) {
        return numbers(list_refunds(connection(), filter, {}));
    };
    EXPECT_EQ(list({.owner = kMerchant}), (Numbers{13, 12, 11}));
    EXPECT_EQ(list({.owner = kMerchant, .payment = PaymentId{1}}), (Numbers{13, 11}));
    EXPECT_EQ(list({.owner = kMerchant, .charge = ChargeId{20}}), Numbers{12});
    EXPECT_EQ(list({.owner = kMerchantLive, .charge = ChargeId{20}}), Numbers{});
    const auto all = refunds_of(connection(), PaymentId{1});
    ASSERT_TRUE(all.has_value());
    ASSERT_EQ(all->size(), 2U);
    EXPECT_EQ(all->front().id, RefundId{11});
}

TEST_F(MoneyRecordsTest, FindsADisputeAsItWasLeft) {
    Dispute dispute = dispute_of(0, PaymentId{1});
    dispute.reason = "fraudulent";
    dispute.gateway_dispute_id = "dp_1";
    dispute.due_by = clock_.at + std::chrono::hours{24};
    dispute = insert(dispute);
    EXPECT_EQ(*find_dispute(connection(), kMerchant, dispute.id), dispute);

    dispute.status = DisputeStatus::won;
    dispute.evidence = {{"uncategorized_text", "winning_evidence"}};
    dispute.submissions = 1;
    dispute.withdrawn = BalanceTransactionId{4};
    dispute.reinstated = BalanceTransactionId{5};
    dispute.metadata = {{"a", "b"}};
    dispute.closed_at = clock_.at;
    write([&](Transaction& transaction) { return update_dispute(transaction, dispute); });
    EXPECT_EQ(*find_dispute(connection(), kMerchant, dispute.id), dispute);
    EXPECT_EQ(*find_dispute(connection(), kMerchantLive, dispute.id), std::nullopt);
    EXPECT_EQ(*find_dispute_by_gateway_id(connection(), {kGateway, "dp_1"}), dispute);
}

TEST_F(MoneyRecordsTest, ListsAndCountsDisputes) {
    Dispute lost = dispute_of(12, PaymentId{2});
    lost.status = DisputeStatus::lost;
    insert(dispute_of(11, PaymentId{1}));
    insert(lost);
    insert(dispute_of(13, PaymentId{1}));
    const auto expect = [this](const DisputeFilter& filter, const Numbers& expected) {
        EXPECT_EQ(numbers(list_disputes(connection(), filter, {})), expected);
        const auto count = count_disputes(connection(), filter);
        ASSERT_TRUE(count.has_value());
        EXPECT_EQ(*count, static_cast<std::int64_t>(expected.size()));
    };
    expect({.owner = kMerchant}, {13, 12, 11});
    expect({.owner = kMerchant, .payment = PaymentId{1}}, {13, 11});
    expect({.owner = kMerchant, .charge = ChargeId{20}}, {12});
    expect({.owner = kMerchant, .status = DisputeStatus::lost}, {12});
    expect({.owner = kMerchant, .payment = PaymentId{1}, .status = DisputeStatus::lost}, {});
    expect({.owner = kMerchantLive}, {});
}

}  // namespace
}  // namespace postern::payments
