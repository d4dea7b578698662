#include "payments/service/customer_service.hpp"

#include "core/bytes.hpp"
#include "payments/records/customer_records.hpp"
#include "payments/service/announcements.hpp"
#include "payments/service/method_steps.hpp"
#include "payments/service/previous_attributes.hpp"

#include <algorithm>
#include <utility>

namespace postern::payments {
namespace {

constexpr std::string_view kDefaultMethodParameter = "invoice_settings[default_payment_method]";

void apply_edit(Customer& customer, const CustomerEdit& edit) {
    if (edit.email) customer.email = *edit.email;
    if (edit.name) customer.name = *edit.name;
    if (edit.phone) customer.phone = *edit.phone;
    if (edit.description) customer.description = *edit.description;
    if (edit.address) customer.address = *edit.address;
    if (edit.shipping) customer.shipping = *edit.shipping;
    if (edit.default_method) customer.default_method = *edit.default_method;
    merge(customer.metadata, edit.metadata, edit.clear_metadata);
}

Result<std::optional<Refusal>, StoreError> why_not_more_customers(const Books& books) {
    const auto count = count_customers(books.connection, books.owner);
    if (!count) return count.error();
    if (*count < kCustomersMax) return std::optional<Refusal>{};
    return std::optional{Refusal{.reason = Reason::customers_max}};
}

// What a customer is made of, looked up before anything is written.
struct NewCustomer {
    Customer customer;
    std::optional<PaymentMethod> default_method;
};

Done<NewCustomer> prepare(const Books& books, const CustomerEdit& draft) {
    auto refused = why_not_more_customers(books);
    if (!refused) return Failure{refused.error()};
    if (*refused) return Failure{std::move(**refused)};
    NewCustomer made;
    made.customer.owner = books.owner;
    apply_edit(made.customer, draft);
    const auto chosen = draft.default_method.value_or(std::nullopt);
    if (!chosen) return made;
    auto method = need_method(books, *chosen, {kDefaultMethodParameter});
    if (!method) return method.error();
    if (auto refusal = why_not_attach(*method)) return Failure{std::move(*refusal)};
    made.default_method = std::move(*method);
    return made;
}

Done<Customer> write(Work& work, NewCustomer made) {
    Customer& customer = made.customer;
    if (const auto done = insert_customer(work.transaction, customer); !done) {
        return Failure{done.error()};
    }
    const auto told = announce_customer(work, "customer.created", customer);
    if (!told) return Failure{told.error()};
    if (made.default_method) {
        const auto attached = attach(work, *made.default_method, customer);
        if (!attached) return Failure{attached.error()};
    }
    return std::move(customer);
}

Result<std::optional<Refusal>, StoreError>
why_not_default(const Books& books, const Customer& customer, PaymentMethodId id) {
    const auto method = find_payment_method(books.connection, books.owner, id);
    if (!method) return method.error();
    if (*method && (*method)->customer == customer.id) return std::optional<Refusal>{};
    return std::optional{Refusal{
        .reason = Reason::reference_missing,
        .parameter = std::string{kDefaultMethodParameter},
        .what = "payment_method",
        .id = stripe_id(books.around.ids, id),
        .detail = "The customer does not have a payment method with that id. It must be attached "
                  "to the customer."}};
}

// "550e8400-e29b-…" in lower case, from any case, with dashes or without; nullopt: it is none.
std::optional<std::string> read_uuid(std::string_view text) {
    constexpr std::size_t kDashesAt[] = {8, 13, 18, 23};
    std::string digits{text};
    if (text.size() == 36) {
        for (const std::size_t at : kDashesAt) {
            if (text[at] != '-') return std::nullopt;
        }
        std::erase(digits, '-');
    }
    if (digits.size() != 32) return std::nullopt;
    const auto bytes = from_hex(digits);
    if (!bytes) return std::nullopt;
    std::string uuid = to_hex(*bytes);
    for (const std::size_t at : kDashesAt) uuid.insert(at, 1, '-');
    return uuid;
}

Failure no_customer(std::string_view spelled) {
    return Refusal{
        .reason = Reason::reference_missing,
        .parameter = "customer",
        .what = "customer",
        .id = std::string{spelled}};
}

// Who it is, if anybody; or the external id under which it may be made.
struct Spelling {
    std::optional<Customer> customer;
    std::string external_id;
};

Done<Spelling> look_up(const Books& books, std::string_view spelled) {
    if (const auto id = read_id<CustomerId>(books.around.ids, spelled)) {
        auto found = find_customer(books.connection, books.owner, *id);
        if (!found) return Failure{found.error()};
        if (!*found || (*found)->deleted_at) return no_customer(spelled);
        return Spelling{.customer = std::move(*found)};
    }
    auto external_id = read_uuid(spelled);
    if (!external_id) return no_customer(spelled);
    auto found = find_customer_by_external_id(books.connection, books.owner, *external_id);
    if (!found) return Failure{found.error()};
    return Spelling{.customer = std::move(*found), .external_id = std::move(*external_id)};
}

}  // namespace

void merge(Metadata& metadata, const Metadata& changes, PaymentEdit::ClearMetadata clear) {
    if (clear == PaymentEdit::ClearMetadata::yes) metadata.clear();
    for (const auto& [name, value] : changes) {
        const auto found = std::find_if(metadata.begin(), metadata.end(), [&](const auto& pair) {
            return pair.first == name;
        });
        if (found == metadata.end()) {
            if (!value.empty()) metadata.emplace_back(name, value);
        } else if (value.empty()) {
            metadata.erase(found);
        } else {
            found->second = value;
        }
    }
}

Done<Customer> create_customer(Work& work, const CustomerEdit& draft) {
    auto made = prepare(work.books(), draft);
    if (!made) return made.error();
    return write(work, std::move(*made));
}

Done<Customer> load_customer(const Books& books, CustomerId id) {
    auto found = find_customer(books.connection, books.owner, id);
    if (!found) return Failure{found.error()};
    if (*found) return std::move(**found);
    return need_customer(books, id, {});
}

Done<Customer> update_customer_of(Work& work, CustomerId id, const CustomerEdit& edit) {
    auto found = need_customer(work.books(), id, {});
    if (!found) return found;
    if (const auto chosen = edit.default_method.value_or(std::nullopt)) {
        auto refused = why_not_default(work.books(), *found, *chosen);
        if (!refused) return Failure{refused.error()};
        if (*refused) return Failure{std::move(**refused)};
    }
    Customer changed = *found;
    apply_edit(changed, edit);
    if (changed == *found) return changed;
    if (const auto done = update_customer(work.transaction, changed); !done) {
        return Failure{done.error()};
    }
    const std::string previous =
        previous_attributes(work.around, Change<Customer>{*found, changed});
    if (previous.empty()) return changed;  // the same, in another order
    const auto told = announce_customer(work, "customer.updated", changed, previous);
    if (!told) return Failure{told.error()};
    return changed;
}

Done<Customer> delete_customer(Work& work, CustomerId id) {
    auto customer = need_customer(work.books(), id, {});
    if (!customer) return customer;
    if (const auto done = detach_all(work, *customer); !done) return Failure{done.error()};
    customer->methods = 0;
    customer->default_method.reset();
    // The event shows the customer as it was; only who asks for it later is told that it went.
    const auto told = announce_customer(work, "customer.deleted", *customer);
    if (!told) return Failure{told.error()};
    customer->deleted_at = work.now();
    if (const auto done = update_customer(work.transaction, *customer); !done) {
        return Failure{done.error()};
    }
    return customer;
}

Done<Customer> provide_customer(Work& work, std::string_view spelled) {
    return provide_customer(work, SpelledCustomer{.spelled = spelled, .email = {}});
}

Done<Customer> provide_customer(Work& work, const SpelledCustomer& named) {
    auto spelling = look_up(work.books(), named.spelled);
    if (!spelling) return spelling.error();
    if (spelling->customer) return std::move(*spelling->customer);
    CustomerEdit draft;
    if (!named.email.empty()) draft.email = std::string{named.email};
    auto made = prepare(work.books(), draft);
    if (!made) return made.error();
    made->customer.external_id = std::move(spelling->external_id);
    return write(work, std::move(*made));
}

Done<Customer> find_spelled_customer(const Books& books, std::string_view spelled) {
    auto spelling = look_up(books, spelled);
    if (!spelling) return spelling.error();
    if (!spelling->customer) return no_customer(spelled);
    return std::move(*spelling->customer);
}

}  // namespace postern::payments
