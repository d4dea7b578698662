#include "payments/dialects/rcommerce/customer_methods.hpp"

#include "payments/dialects/rcommerce/customer_ref.hpp"
#include "storage/paging.hpp"
#include "tests/unit/payments/dialects/rcommerce/rcommerce_fixture.hpp"

namespace postern::payments::rcommerce {
namespace {

class RcommerceCustomerMethods : public RcommerceTest {
 protected:
    Books books() {
        const Owner owner{storage::kDefaultAccount, storage::Livemode::test};
        return {database_->writer(), *around_, owner, clock_.now()};
    }
    PaymentMethodId save(std::string_view customer) {
        const Answer saved = post(
            "/api/v1/customers/" + std::string{customer} + "/payment_methods", card_json(kGoodCard)
        );
        return read_id<PaymentMethodId>(around_->ids, saved.text("id")).value_or(PaymentMethodId{});
    }
};

TEST_F(RcommerceCustomerMethods, GathersMoreThanOnePage) {
    constexpr std::size_t count = storage::kPageRowsMax + 5;
    for (std::size_t i = 0; i < count; ++i) save(kCustomer);
    const auto customer = known_customer(books(), kCustomer);
    ASSERT_TRUE(customer.has_value() && customer->has_value());
    const auto methods = methods_of(books(), (*customer)->id);
    ASSERT_TRUE(methods.has_value());
    EXPECT_EQ(methods->size(), count);
}

TEST_F(RcommerceCustomerMethods, FindsAMethodOnlyWithItsCustomer) {
    const PaymentMethodId id = save(kCustomer);
    save("550e8400-e29b-41d4-a716-446655440002");
    EXPECT_TRUE(find_owned(books(), {.customer = kCustomer, .method = id}).has_value());
    const auto other =
        find_owned(books(), {.customer = "550e8400-e29b-41d4-a716-446655440002", .method = id});
    ASSERT_TRUE(other.has_error());
    const Failure failure = other.error();
    ASSERT_NE(failure.refusal(), nullptr);
    EXPECT_EQ(failure.refusal()->reason, Reason::not_found);
}

TEST_F(RcommerceCustomerMethods, TakesADeletedMethodForAbsent) {
    const PaymentMethodId id = save(kCustomer);
    EXPECT_TRUE(find_undeleted(books(), id).has_value());
    erase("/api/v2/payment-methods/" + around_->ids.encode(id));
    EXPECT_FALSE(find_undeleted(books(), id).has_value());
}

}  // namespace
}  // namespace postern::payments::rcommerce
