#include "payments/records/customer_records.hpp"
#include "tests/unit/payments/payments_fixture.hpp"

namespace postern::payments {
namespace {

using State = PaymentMethod::State;

class PaymentMethodRecordsTest : public PaymentsTest {
 protected:
    PaymentMethod insert(PaymentMethod method) {
        method.owner = owner_;
        EXPECT_TRUE(write([&](Transaction& transaction) {
                        return insert_payment_method(transaction, method);
                    }).has_value());
        return method;
    }
    void update(const PaymentMethod& method) {
        EXPECT_TRUE(write([&](Transaction& transaction) {
                        return update_payment_method(transaction, method);
                    }).has_value());
    }
    std::vector<PaymentMethod> list(const MethodFilter& filter) {
        return read(list_payment_methods(connection(), filter, {})).rows;
    }
    std::optional<PaymentMethod> find(PaymentMethodId id) {
        return read(find_payment_method(connection(), owner_, id));
    }
};

PaymentMethod full_method() {
    PaymentMethod method;
    method.customer = CustomerId{5};
    method.card = Card{
        .brand = CardBrand::amex,
        .last4 = "0005",
        .exp_month = 7,
        .exp_year = 2031,
        .funding = "debit",
        .country = "GB",
        .fingerprint = "f1",
        .holder_name = "J",
        .cvc_check = Card::CvcCheck::pass,
        .scenario = CardScenario::refund_fails};
    method.billing = {.name = "J", .email = "j@example.com", .address = Address{.city = "Bath"}};
    method.metadata = {{"b", "2"}, {"a", "1"}};
    method.gateway_token = "tok";
    method.vault = std::string{"k1\0sealed\xff", 10};
    return method;
}

TEST_P(PaymentMethodRecordsTest, KeepsCardsAndBankAccounts) {
    PaymentMethod card = insert(full_method());
    EXPECT_EQ(find(card.id), card);
    PaymentMethod bank;
    bank.type = MethodType::us_bank_account;
    bank.bank = BankAccount{"6789", "110000000", "Jenny", "Test Bank", "f2"};
    bank = insert(bank);
    EXPECT_EQ(find(bank.id), bank);
    card.card->exp_year = 2040;
    card.billing.phone = "1";
    card.customer.reset();
    update(card);
    EXPECT_EQ(find(card.id), card);
    const Owner live{storage::kDefaultAccount, storage::Livemode::live};
    EXPECT_FALSE(read(find_payment_method(connection(), live, card.id)));
}

TEST_P(PaymentMethodRecordsTest, ForgetsTheNumberOfWhatPaysNoMore) {
    for (const State end : {State::used_up, State::deleted}) {
        PaymentMethod method = insert(full_method());
        method.state = end;
        update(method);
        EXPECT_EQ(find(method.id)->vault, "");
    }
    PaymentMethod token = insert(full_method());
    token.state = State::reusable;
    update(token);
    EXPECT_EQ(find(token.id)->vault, full_method().vault);
}

TEST_P(PaymentMethodRecordsTest, ListsWhatMayPay) {
    const PaymentMethod attached = insert(full_method());
    PaymentMethod other = full_method();
    other.customer = CustomerId{6};
    other = insert(other);
    PaymentMethod bank;
    bank.type = MethodType::us_bank_account;
    bank.customer = CustomerId{5};
    bank = insert(bank);
    PaymentMethod token;
    token.state = State::reusable;
    token = insert(token);
    const PaymentMethod fresh = insert({});
    insert({.state = State::used_up});
    insert({.state = State::deleted});
    struct Case {
        const char* name;
        MethodFilter filter;
        std::vector<PaymentMethod> expected;
    };
    const Case cases[] = {
        {"all", {.owner = owner_}, {fresh, token, bank, other, attached}},
        {"cards", {.owner = owner_, .type = MethodType::card}, {fresh, token, other, attached}},
        {"a customer's", {.owner = owner_, .customer = CustomerId{5}}, {bank, attached}},
        {"a customer's cards",
         {.owner = owner_, .customer = CustomerId{5}, .type = MethodType::card},
         {attached}},
        {"another account's view", {.owner = {AccountId{9}}, .customer = CustomerId{5}}, {}},
    };
    for (const Case& test_case : cases) {
        SCOPED_TRACE(test_case.name);
        EXPECT_EQ(list(test_case.filter), test_case.expected);
    }
}

INSTANTIATE_TEST_SUITE_P(
    AllDrivers,
    PaymentMethodRecordsTest,
    ::testing::ValuesIn(storage::all_drivers()),
    storage::driver_name
);

}  // namespace
}  // namespace postern::payments
