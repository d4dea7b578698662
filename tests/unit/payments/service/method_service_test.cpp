#include "payments/records/customer_records.hpp"
#include "payments/service/customer_service.hpp"
#include "tests/unit/payments/payments_fixture.hpp"

#include <algorithm>

namespace postern::payments {
namespace {

using State = PaymentMethod::State;
using Types = std::vector<std::string>;

class MethodServiceTest : public PaymentsTest {
 protected:
    void SetUp() override {
        PaymentsTest::SetUp();
        customer_ = made_customer();
    }
    CustomerId made_customer() {
        const CustomerId id = done(work([](Work& work) { return create_customer(work, {}); })).id;
        door_.announcements.clear();
        return id;
    }
    Done<PaymentMethod> create(NewMethod draft, std::optional<CustomerId> customer = {}) {
        return work([&](Work& work) { return create_method(work, std::move(draft), customer); });
    }
    PaymentMethod created(std::optional<CustomerId> customer = {}) {
        PaymentMethod method = done(create(*ready_made_method("pm_card_visa"), customer));
        door_.announcements.clear();
        return method;
    }
    Done<PaymentMethod> update(PaymentMethodId id, const MethodEdit& edit) {
        return work([&](Work& work) { return update_method(work, id, edit); });
    }
    Done<PaymentMethod> attach(PaymentMethodId id, CustomerId customer) {
        return work([&](Work& work) { return attach_method(work, id, customer); });
    }
    Done<PaymentMethod> detach(PaymentMethodId id) {
        return work([id](Work& work) { return detach_method(work, id); });
    }
    Done<PaymentMethod> remove(PaymentMethodId id) {
        return work([id](Work& work) { return delete_method(work, id); });
    }
    Done<PaymentMethod> choose(PaymentMethodId id, CustomerId customer) {
        return work([&](Work& work) { return make_default(work, id, customer); });
    }
    PaymentMethod stored(PaymentMethodId id) { return done(load_method(books(), id)); }
    Customer customer() { return done(load_customer(books(), customer_)); }
    void fill_up() {
        EXPECT_TRUE(write([this](storage::Transaction& transaction) {
                        Customer full = customer();
                        full.methods = kMethodsPerCustomerMax;
                        return update_customer(transaction, full);
                    }).has_value());
    }

    CustomerId customer_;
};

TEST_P(MethodServiceTest, KeepsAMethodThatIsNobodysWithoutTellingAnybody) {
    const PaymentMethod method = done(create(*ready_made_method("pm_card_visa")));
    EXPECT_EQ(method.state, State::usable);
    EXPECT_EQ(method.owner, owner_);
    EXPECT_FALSE(method.customer.has_value());
    ASSERT_TRUE(method.card.has_value());
    EXPECT_EQ(method.card->last4, "4242");
    EXPECT_NE(method.card->fingerprint, "") << "test methods get theirs when they are made";
    EXPECT_EQ(method.vault, "") << "there is no vault";
    EXPECT_EQ(stored(method.id), method);
    EXPECT_TRUE(door_.announcements.empty());
}

TEST_P(MethodServiceTest, TellsEachReadyMadeMethodApart) {
    const auto declined = ready_made_method("pm_card_chargeDeclined");
    ASSERT_TRUE(declined.has_value());
    EXPECT_EQ(declined->method.card->scenario, CardScenario::generic_decline);
    const auto bank = ready_made_method("pm_usBankAccount");
    ASSERT_TRUE(bank.has_value());
    EXPECT_EQ(bank->method.type, MethodType::us_bank_account);
    EXPECT_TRUE(bank->method.bank.has_value());
    EXPECT_FALSE(ready_made_method("pm_card_nobody").has_value());
    EXPECT_FALSE(ready_made_method("").has_value());
}

TEST_P(MethodServiceTest, MakesAMethodForACustomer) {
    const PaymentMethod method = done(create(*ready_made_method("pm_card_visa"), customer_));
    EXPECT_EQ(method.customer, customer_);
    EXPECT_EQ(customer().methods, 1);
    EXPECT_EQ(door_.stripe_types(), Types{"payment_method.attached"});
    EXPECT_EQ(
        refused(create(*ready_made_method("pm_card_visa"), CustomerId{1})),
        Reason::reference_missing
    );
    fill_up();
    EXPECT_EQ(refused(create(*ready_made_method("pm_card_visa"), customer_)), Reason::methods_max);
}

TEST_P(MethodServiceTest, AttachesOnceAndToOne) {
    const PaymentMethod method = created();
    EXPECT_EQ(done(attach(method.id, customer_)).customer, customer_);
    EXPECT_EQ(door_.stripe_types(), Types{"payment_method.attached"});
    EXPECT_EQ(done(attach(method.id, customer_)).customer, customer_) << "it is there already";
    EXPECT_EQ(customer().methods, 1);
    EXPECT_EQ(door_.announcements.size(), 1U);
    EXPECT_EQ(refused(attach(method.id, made_customer())), Reason::method_not_usable);
    EXPECT_EQ(refused(attach(PaymentMethodId{1}, customer_)), Reason::not_found);
    EXPECT_EQ(refused(attach(created().id, CustomerId{1})), Reason::reference_missing);
    fill_up();
    EXPECT_EQ(refused(attach(created().id, customer_)), Reason::methods_max);
}

TEST_P(MethodServiceTest, MakesATokenAnOrdinaryMethodOnceACustomerHasIt) {
    NewMethod draft = *ready_made_method("pm_card_visa");
    draft.method.state = State::reusable;
    const PaymentMethod token = done(create(draft));
    EXPECT_EQ(stored(token.id).state, State::reusable);
    EXPECT_EQ(done(attach(token.id, customer_)).state, State::usable);
}

TEST_P(MethodServiceTest, DetachesForGood) {
    const PaymentMethod method = created(customer_);
    done(choose(method.id, customer_));
    door_.announcements.clear();
    const PaymentMethod detached = done(detach(method.id));
    EXPECT_EQ(detached.state, State::used_up);
    EXPECT_FALSE(detached.customer.has_value());
    EXPECT_EQ(stored(method.id), detached);
    EXPECT_EQ(customer().methods, 0);
    EXPECT_FALSE(customer().default_method.has_value());
    ASSERT_EQ(door_.stripe_types(), (Types{"payment_method.detached", "customer.updated"}));
    EXPECT_EQ(
        door_.announcements[0].stripe_previous,
        R"({"customer":")" + stripe_id(around_.ids, customer_) + R"("})"
    );
    EXPECT_EQ(
        door_.announcements[1].stripe_previous,
        R"({"invoice_settings":{"default_payment_method":")" + stripe_id(around_.ids, method.id)
            + R"("}})"
    );
    EXPECT_EQ(refused(detach(method.id)), Reason::method_not_usable);
    EXPECT_EQ(refused(attach(method.id, customer_)), Reason::method_not_usable);
    EXPECT_EQ(refused(detach(PaymentMethodId{1})), Reason::not_found);
}

TEST_P(MethodServiceTest, DeletesAttachedMethodsAndTokensOnce) {
    const PaymentMethod attached = created(customer_);
    NewMethod draft = *ready_made_method("pm_card_visa");
    draft.method.state = State::reusable;
    const PaymentMethod token = done(create(draft));
    EXPECT_EQ(done(remove(attached.id)).state, State::deleted);
    EXPECT_EQ(done(remove(token.id)).state, State::deleted);
    EXPECT_EQ(door_.stripe_types(), Types{"payment_method.detached"});
    EXPECT_EQ(customer().methods, 0);
    EXPECT_EQ(refused(remove(attached.id)), Reason::not_found);
    EXPECT_EQ(refused(remove(PaymentMethodId{1})), Reason::not_found);
    EXPECT_EQ(refused(attach(token.id, customer_)), Reason::method_not_usable);
}

TEST_P(MethodServiceTest, MakesOneTheDefault) {
    const PaymentMethod first = created(customer_);
    const PaymentMethod second = created(customer_);
    EXPECT_EQ(done(choose(first.id, customer_)).id, first.id);
    EXPECT_EQ(done(choose(second.id, customer_)).id, second.id);
    EXPECT_EQ(customer().default_method, second.id);
    EXPECT_EQ(door_.stripe_types(), (Types{"customer.updated", "customer.updated"}));
    EXPECT_EQ(refused(choose(created().id, customer_)), Reason::reference_missing);
    EXPECT_EQ(refused(choose(first.id, CustomerId{1})), Reason::not_found);
}

TEST_P(MethodServiceTest, ChangesWhatMayBeChangedAndTellsIt) {
    const PaymentMethod method = created(customer_);
    MethodEdit edit;
    edit.billing = BillingDetails{.name = "J", .address = Address{.city = "Bath"}};
    edit.exp_month = 3;
    edit.exp_year = 2040;
    edit.metadata = {{"a", "1"}};
    const PaymentMethod changed = done(update(method.id, edit));
    EXPECT_EQ(changed.card->exp_month, 3);
    EXPECT_EQ(changed.card->exp_year, 2040);
    EXPECT_EQ(stored(method.id), changed);
    ASSERT_EQ(door_.stripe_types(), Types{"payment_method.updated"});
    EXPECT_EQ(
        door_.announcements.front().stripe_previous,
        R"({"billing_details":{"address":null,"name":null},"card":{"exp_month":12,)"
        R"("exp_year":2034},"metadata":{"a":null}})"
    );
    done(update(method.id, edit));
    EXPECT_EQ(door_.announcements.size(), 1U) << "nothing changed";
}

TEST_P(MethodServiceTest, RefusesChangesThatAMethodCannotTake) {
    const PaymentMethodId card = created(customer_).id;
    const PaymentMethodId bank = done(create(*ready_made_method("pm_usBankAccount"))).id;
    const PaymentMethodId gone = created(customer_).id;
    done(remove(gone));
    struct Case {
        const char* name;
        PaymentMethodId id;
        MethodEdit edit;
        Reason reason;
    };
    const Case cases[] = {
        {"month 0", card, {.exp_month = 0}, Reason::card_month_invalid},
        {"month 13", card, {.exp_month = 13}, Reason::card_month_invalid},
        {"a year long gone", card, {.exp_year = 2019}, Reason::card_year_invalid},
        {"a year far off", card, {.exp_year = 2100}, Reason::card_year_invalid},
        {"the expiry of an account", bank, {.exp_month = 1}, Reason::parameter_invalid},
        {"a deleted method", gone, {.metadata = {{"a", "1"}}}, Reason::method_not_usable},
        {"none", PaymentMethodId{1}, {}, Reason::not_found},
    };
    for (const Case& test_case : cases) {
        SCOPED_TRACE(test_case.name);
        EXPECT_EQ(refused(update(test_case.id, test_case.edit)), test_case.reason);
    }
}

class VaultedMethodServiceTest : public MethodServiceTest {
 protected:
    VaultedMethodServiceTest() {
        desk_ = CardDesk{"a secret for fingerprints", {{"k1", std::string(32, 'k')}}};
    }
};

TEST_P(VaultedMethodServiceTest, SealsANumberOnlyForGatewaysWithoutATokenAndWhileItMayPay) {
    const PaymentMethod method = created(customer_);
    EXPECT_EQ(desk_.open(method.vault, method.id), "4242424242424242");
    EXPECT_EQ(stored(method.id).vault, method.vault);
    EXPECT_EQ(method.vault.find("4242"), std::string::npos);
    done(detach(method.id));
    EXPECT_EQ(stored(method.id).vault, "");
    NewMethod tokenised = *ready_made_method("pm_card_visa");
    tokenised.method.gateway_token = "tok_1";
    EXPECT_EQ(done(create(tokenised)).vault, "");
    NewMethod numberless = *ready_made_method("pm_card_visa");
    numberless.number.clear();
    EXPECT_EQ(done(create(numberless)).vault, "");
}

INSTANTIATE_TEST_SUITE_P(
    AllDrivers,
    MethodServiceTest,
    ::testing::ValuesIn(storage::all_drivers()),
    storage::driver_name
);
INSTANTIATE_TEST_SUITE_P(
    AllDrivers,
    VaultedMethodServiceTest,
    ::testing::ValuesIn(storage::all_drivers()),
    storage::driver_name
);

}  // namespace
}  // namespace postern::payments
