#include "payments/dialects/rcommerce/customer_methods.hpp"

#include "payments/dialects/rcommerce/customer_ref.hpp"
#include "payments/records/customer_records.hpp"
#include "payments/service/customer_service.hpp"

namespace postern::payments::rcommerce {
namespace {

Failure no_method() {
    return Refusal{.reason = Reason::not_found, .what = "payment_method"};
}

}  // namespace

Result<std::vector<PaymentMethod>, StoreError> methods_of(const Books& books, CustomerId customer) {
    const MethodFilter filter{.owner = books.owner, .customer = customer, .type = {}};
    storage::PageRequest<PaymentMethodId> wish{.rows_max = storage::kPageRowsMax};
    std::vector<PaymentMethod> methods;
    for (;;) {
        auto page = list_payment_methods(books.connection, filter, wish);
        if (!page) return page.error();
        for (PaymentMethod& method : page->rows) methods.push_back(std::move(method));
        if (page->more == storage::Page<PaymentMethod>::More::no) return methods;
        wish.after = methods.back().id;
    }
}

Done<PaymentMethod> find_undeleted(const Books& books, PaymentMethodId id) {
    auto method = load_method(books, id);
    if (method && method->state == PaymentMethod::State::deleted) return no_method();
    return method;
}

Done<FoundMethod> find_owned(const Books& books, const OwnedMethod& which) {
    auto customer = known_customer(books, which.customer);
    if (!customer) return customer.error();
    if (!*customer) return Failure{Refusal{.reason = Reason::not_found, .what = "customer"}};
    auto method = find_undeleted(books, which.method);
    if (!method) return method.error();
    if (method->customer != (*customer)->id) return no_method();
    return FoundMethod{.method = std::move(*method), .customer = std::move(**customer)};
}

}  // namespace postern::payments::rcommerce
