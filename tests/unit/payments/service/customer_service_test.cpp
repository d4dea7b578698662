#include "payments/service/customer_service.hpp"

#include "payments/records/customer_records.hpp"
#include "payments/records/owner_counts.hpp"
#include "tests/unit/payments/payments_fixture.hpp"

namespace postern::payments {
namespace {

using Clear = PaymentEdit::ClearMetadata;
using Types = std::vector<std::string>;

class CustomerServiceTest : public PaymentsTest {
 protected:
    Done<Customer> create(const CustomerEdit& draft) {
        return work([&draft](Work& work) { return create_customer(work, draft); });
    }
    Customer created(const CustomerEdit& draft = {}) {
        Customer customer = done(create(draft));
        door_.announcements.clear();
        return customer;
    }
    Done<Customer> update(CustomerId id, const CustomerEdit& edit) {
        return work([&](Work& work) { return update_customer_of(work, id, edit); });
    }
    Done<Customer> remove(CustomerId id) {
        return work([id](Work& work) { return delete_customer(work, id); });
    }
    Done<Customer> provide(std::string_view spelled) {
        return work([spelled](Work& work) { return provide_customer(work, spelled); });
    }
    PaymentMethod method_of(std::optional<CustomerId> customer) {
        PaymentMethod method = done(work([&customer](Work& work) {
            return create_method(work, *ready_made_method("pm_card_visa"), customer);
        }));
        door_.announcements.clear();
        return method;
    }
    void set_count(std::int64_t count) {
        EXPECT_TRUE(write([&](storage::Transaction& transaction) {
                        return add_to_count(transaction, {owner_, Counted::customers}, count);
                    }).has_value());
    }
    Customer stored(CustomerId id) { return done(load_customer(books(), id)); }
};

TEST_P(CustomerServiceTest, MakesACustomerAndTellsIt) {
    CustomerEdit draft;
    draft.email = "j@example.com";
    draft.name = "Jenny";
    draft.metadata = {{"a", "1"}, {"empty", ""}};
    const Customer customer = done(create(draft));
    EXPECT_EQ(customer.email, "j@example.com");
    EXPECT_EQ(customer.owner, owner_);
    EXPECT_EQ(customer.metadata, (Metadata{{"a", "1"}}));
    EXPECT_EQ(stored(customer.id), customer);
    ASSERT_EQ(door_.stripe_types(), Types{"customer.created"});
    const Announcement& told = door_.announcements.front();
    EXPECT_EQ(told.owner, owner_);
    EXPECT_FALSE(told.type.has_value());
    EXPECT_EQ(told.stripe_previous, "");
    EXPECT_NE(told.stripe_object.find(stripe_id(around_.ids, customer.id)), std::string::npos);
}

TEST_P(CustomerServiceTest, MakesACustomerWithItsFirstMethod) {
    const PaymentMethod method = method_of({});
    CustomerEdit draft;
    draft.default_method = method.id;
    const Customer customer = done(create(draft));
    EXPECT_EQ(customer.default_method, method.id);
    EXPECT_EQ(customer.methods, 1);
    EXPECT_EQ(done(load_method(books(), method.id)).customer, customer.id);
    EXPECT_EQ(door_.stripe_types(), (Types{"customer.created", "payment_method.attached"}));
    EXPECT_EQ(refused(create(draft)), Reason::method_not_usable) << "it is somebody's by now";
    draft.default_method = PaymentMethodId{1};
    EXPECT_EQ(refused(create(draft)), Reason::reference_missing);
    EXPECT_EQ(read(count_customers(connection(), owner_)), 1);
}

TEST_P(CustomerServiceTest, StopsAtTheLimit) {
    set_count(kCustomersMax - 1);
    const Customer last = created();
    EXPECT_EQ(refused(create({})), Reason::customers_max);
    EXPECT_EQ(refused(provide("550e8400-e29b-41d4-a716-446655440000")), Reason::customers_max);
    EXPECT_TRUE(door_.announcements.empty());
    done(remove(last.id));
    created();
}

TEST_P(CustomerServiceTest, TellsWhatAnUpdateChanged) {
    CustomerEdit draft;
    draft.email = "old@example.com";
    draft.address = Address{.line1 = "1 High St", .country = "GB"};
    draft.metadata = {{"kept", "1"}, {"changed", "2"}, {"gone", "3"}};
    const Customer customer = created(draft);
    struct Case {
        const char* name;
        CustomerEdit edit;
        std::string previous;
    };
    const Case cases[] = {
        {"email", {.email = "new@example.com"}, R"({"email":"old@example.com"})"},
        {"what was not set", {.name = "Jenny"}, R"({"name":null})"},
        {"cleared", {.name = ""}, R"({"name":"Jenny"})"},
        {"an address that goes",
         {.address = std::optional<Address>{}},
         R"({"address":{"city":null,"country":"GB","line1":"1 High St","line2":null,)"
         R"("postal_code":null,"state":null}})"},
        {"shipping", {.shipping = Shipping{.name = "J"}}, R"({"shipping":null})"},
        {"metadata",
         {.metadata = {{"changed", "9"}, {"gone", ""}, {"added", "4"}}},
         R"({"metadata":{"changed":"2","gone":"3","added":null}})"},
        {"all metadata",
         {.clear_metadata = Clear::yes},
         R"({"metadata":{"kept":"1","changed":"9","added":"4"}})"},
    };
    for (const Case& test_case : cases) {
        SCOPED_TRACE(test_case.name);
        door_.announcements.clear();
        const Customer changed = done(update(customer.id, test_case.edit));
        EXPECT_EQ(stored(customer.id), changed);
        ASSERT_EQ(door_.stripe_types(), Types{"customer.updated"});
        EXPECT_EQ(door_.announcements.front().stripe_previous, test_case.previous);
    }
    EXPECT_EQ(stored(customer.id).email, "new@example.com");
    door_.announcements.clear();
    done(update(customer.id, {.email = "new@example.com"}));
    EXPECT_TRUE(door_.announcements.empty()) << "nothing changed";
}

TEST_P(CustomerServiceTest, TakesOnlyAnAttachedMethodAsDefault) {
    const Customer customer = created();
    const PaymentMethod own = method_of(customer.id);
    const PaymentMethod loose = method_of({});
    EXPECT_EQ(
        refused(update(customer.id, {.default_method = loose.id})), Reason::reference_missing
    );
    EXPECT_EQ(
        refused(update(customer.id, {.default_method = PaymentMethodId{1}})),
        Reason::reference_missing
    );
    EXPECT_EQ(done(update(customer.id, {.default_method = own.id})).default_method, own.id);
    EXPECT_EQ(
        door_.announcements.front().stripe_previous,
        R"({"invoice_settings":{"default_payment_method":null}})"
    );
}

TEST_P(CustomerServiceTest, DeletesACustomerAndLetsItsMethodsGo) {
    const Customer customer = created({.email = "j@example.com"});
    const PaymentMethod first = method_of(customer.id);
    const PaymentMethod second = method_of(customer.id);
    done(update(customer.id, {.default_method = first.id}));
    door_.announcements.clear();
    const Customer gone = done(remove(customer.id));
    EXPECT_EQ(gone.deleted_at, clock_.now());
    EXPECT_EQ(gone.methods, 0);
    EXPECT_EQ(stored(customer.id), gone);
    for (const PaymentMethodId id : {first.id, second.id}) {
        const PaymentMethod method = done(load_method(books(), id));
        EXPECT_FALSE(method.customer.has_value());
        EXPECT_EQ(method.state, PaymentMethod::State::used_up);
    }
    EXPECT_EQ(
        door_.stripe_types(),
        (Types{"payment_method.detached", "payment_method.detached", "customer.deleted"})
    );
    EXPECT_EQ(
        door_.announcements.front().stripe_previous,
        R"({"customer":")" + stripe_id(around_.ids, customer.id) + R"("})"
    );
    EXPECT_NE(door_.announcements.back().stripe_object.find("j@example.com"), std::string::npos);
    EXPECT_EQ(refused(remove(customer.id)), Reason::not_found);
    EXPECT_EQ(refused(update(customer.id, {.name = "x"})), Reason::not_found);
}

TEST_P(CustomerServiceTest, MakesTheCustomerOfAShopsUuidAtItsFirstUse) {
    const std::string uuid = "550e8400-e29b-41d4-a716-446655440000";
    const Customer made = done(work([&uuid](Work& work) {
        return provide_customer(work, SpelledCustomer{uuid, "j@example.com"});
    }));
    EXPECT_EQ(made.external_id, uuid);
    EXPECT_EQ(made.email, "j@example.com");
    EXPECT_EQ(door_.stripe_types(), Types{"customer.created"});
    const std::string spellings[] = {
        uuid,
        "550E8400-E29B-41D4-A716-446655440000",
        "550e8400e29b41d4a716446655440000",
        stripe_id(around_.ids, made.id),
        around_.ids.encode(made.id),
        bare_uuid(around_.ids, made.id),
    };
    for (const std::string& spelled : spellings) {
        SCOPED_TRACE(spelled);
        EXPECT_EQ(done(provide(spelled)), made);
        EXPECT_EQ(done(find_spelled_customer(books(), spelled)), made);
    }
    EXPECT_EQ(door_.announcements.size(), 1U);
}

TEST_P(CustomerServiceTest, MakesNobodyOfWhatIsNoUuid) {
    const Customer gone = created();
    done(remove(gone.id));
    door_.announcements.clear();
    const std::string spellings[] = {
        "",
        "cus_1",
        "42",
        "550e8400-e29b-41d4-a716-44665544000",
        "550e8400-e29b-41d4-a716-44665544000g",
        "550e8400xe29b-41d4-a716-446655440000",
        "cus_550e8400-e29b-41d4-a716-446655440000",
        stripe_id(around_.ids, gone.id),
        stripe_id(around_.ids, CustomerId{1}),
    };
    for (const std::string& spelled : spellings) {
        SCOPED_TRACE(spelled);
        EXPECT_EQ(refused(provide(spelled)), Reason::reference_missing);
        EXPECT_EQ(refused(find_spelled_customer(books(), spelled)), Reason::reference_missing);
    }
    const std::string unused = "650e8400-e29b-41d4-a716-446655440000";
    EXPECT_EQ(refused(find_spelled_customer(books(), unused)), Reason::reference_missing);
    EXPECT_TRUE(door_.announcements.empty());
}

TEST_P(CustomerServiceTest, ShowsNobodyAnothersCustomers) {
    const Customer customer = created();
    owner_.livemode = storage::Livemode::live;
    EXPECT_EQ(refused(load_customer(books(), customer.id)), Reason::not_found);
    EXPECT_EQ(refused(update(customer.id, {.name = "x"})), Reason::not_found);
    EXPECT_EQ(refused(remove(customer.id)), Reason::not_found);
    EXPECT_EQ(refused(provide(stripe_id(around_.ids, customer.id))), Reason::reference_missing);
}

INSTANTIATE_TEST_SUITE_P(
    AllDrivers,
    CustomerServiceTest,
    ::testing::ValuesIn(storage::all_drivers()),
    storage::driver_name
);

}  // namespace
}  // namespace postern::payments
