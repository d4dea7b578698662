#include "payments/records/customer_records.hpp"

#include "tests/unit/payments/payments_fixture.hpp"

namespace postern::payments {
namespace {

using storage::Order;

class CustomerRecordsTest : public PaymentsTest {
 protected:
    Customer insert(Customer customer) {
        if (customer.owner.account.value == 0) customer.owner = owner_;
        EXPECT_TRUE(write([&](Transaction& transaction) {
                        return insert_customer(transaction, customer);
                    }).has_value());
        clock_.at += std::chrono::seconds{1};
        return customer;
    }
    void update(const Customer& customer) {
        EXPECT_TRUE(write([&](Transaction& transaction) {
                        return update_customer(transaction, customer);
                    }).has_value());
    }
    std::vector<Customer>
    list(const CustomerFilter& filter, const storage::PageRequest<CustomerId>& page = {}) {
        return read(list_customers(connection(), filter, page)).rows;
    }
    std::int64_t count() { return read(count_customers(connection(), owner_)); }
    const Owner live_{storage::kDefaultAccount, storage::Livemode::live};
};

Customer full_customer() {
    Customer customer;
    customer.external_id = "550e8400-e29b-41d4-a716-446655440000";
    customer.email = "jenny@example.com";
    customer.name = "Jenny \"J\" Rosén";
    customer.phone = "+44 1";
    customer.description = "first";
    customer.address = Address{.line1 = "1 High St", .city = "Bath", .country = "GB"};
    customer.shipping = Shipping{.name = "J", .address = {.line1 = "2 Low St"}};
    customer.metadata = {{"tier", "gold"}, {"a", ""}};
    customer.default_method = PaymentMethodId{77};
    customer.methods = 3;
    return customer;
}

TEST_P(CustomerRecordsTest, KeepsAllOfACustomer) {
    Customer customer = insert(full_customer());
    EXPECT_NE(customer.id.value, 0);
    EXPECT_EQ(read(find_customer(connection(), owner_, customer.id)), customer);
    customer.email = "other@example.com";
    customer.address.reset();
    customer.default_method.reset();
    customer.metadata.clear();
    update(customer);
    EXPECT_EQ(read(find_customer(connection(), owner_, customer.id)), customer);
}

TEST_P(CustomerRecordsTest, ShowsNobodyAnothersCustomers) {
    const Customer customer = insert(full_customer());
    EXPECT_FALSE(read(find_customer(connection(), live_, customer.id)));
    EXPECT_FALSE(read(find_customer(connection(), {AccountId{9}}, customer.id)));
    EXPECT_FALSE(read(find_customer_by_external_id(connection(), live_, customer.external_id)));
    EXPECT_TRUE(list({.owner = live_}).empty());
}

TEST_P(CustomerRecordsTest, FindsByExternalIdUntilDeletedAndThenLetsItBeUsedAgain) {
    Customer first = insert(full_customer());
    EXPECT_EQ(read(find_customer_by_external_id(connection(), owner_, first.external_id)), first);
    EXPECT_FALSE(read(find_customer_by_external_id(connection(), owner_, "")));
    first.deleted_at = clock_.at;
    update(first);
    EXPECT_FALSE(read(find_customer_by_external_id(connection(), owner_, first.external_id)));
    const Customer second = insert(full_customer());
    EXPECT_EQ(read(find_customer_by_external_id(connection(), owner_, second.external_id)), second);
    EXPECT_EQ(read(find_customer(connection(), owner_, first.id)), first) << "for its payments";
}

TEST_P(CustomerRecordsTest, CountsThoseThatAreNotDeletedOnce) {
    EXPECT_EQ(count(), 0);
    Customer customer = insert({});
    insert({});
    insert({.owner = live_});
    EXPECT_EQ(count(), 2);
    customer.deleted_at = clock_.at;
    update(customer);
    update(customer);
    EXPECT_EQ(count(), 1);
}

TEST_P(CustomerRecordsTest, ListsByEmailAndMomentInPages) {
    const Customer first = insert({.email = "a@example.com"});
    const Customer second = insert({.email = "b@example.com"});
    const Customer third = insert({.email = "a@example.com"});
    Customer gone = insert({.email = "a@example.com"});
    gone.deleted_at = clock_.at;
    update(gone);
    const TimePoint at = second.created_at;
    const TimePoint next = at + std::chrono::seconds{1};
    struct Case {
        const char* name;
        CustomerFilter filter;
        storage::PageRequest<CustomerId> page;
        std::vector<Customer> expected;
    };
    const Case cases[] = {
        {"all", {.owner = owner_}, {}, {third, second, first}},
        {"oldest first", {.owner = owner_}, {.order = Order::oldest_first}, {first, second, third}},
        {"after", {.owner = owner_}, {.after = third.id}, {second, first}},
        {"email", {.owner = owner_, .email = "a@example.com"}, {}, {third, first}},
        {"email in another case", {.owner = owner_, .email = "A@example.com"}, {}, {}},
        {"from", {.owner = owner_, .created_from = at}, {}, {third, second}},
        {"until", {.owner = owner_, .created_until = at}, {}, {first}},
        {"within", {.owner = owner_, .created_from = at, .created_until = next}, {}, {second}},
    };
    for (const Case& test_case : cases) {
        SCOPED_TRACE(test_case.name);
        EXPECT_EQ(list(test_case.filter, test_case.page), test_case.expected);
    }
    EXPECT_EQ(
        read(list_customers(connection(), {.owner = owner_}, {.rows_max = 2})).more,
        storage::Page<Customer>::More::yes
    );
}

INSTANTIATE_TEST_SUITE_P(
    AllDrivers,
    CustomerRecordsTest,
    ::testing::ValuesIn(storage::all_drivers()),
    storage::driver_name
);

}  // namespace
}  // namespace postern::payments
