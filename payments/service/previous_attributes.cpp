#include "payments/service/previous_attributes.hpp"

#include "core/json_writer.hpp"

#include <algorithm>
#include <optional>

namespace postern::payments {
namespace {

// Writes members that differ. An object in it is opened by its first such member only, so that what
// has not changed is not named.
class Differences {
 public:
    Differences() : writer_{text_} {}

    void text(std::string_view name, const Change<std::string>& change) {
        if (change.before == change.after) return;
        name_member(name);
        change.before.empty() ? writer_.null() : writer_.string(change.before);
    }
    void number(std::string_view name, const Change<int>& change) {
        if (change.before == change.after) return;
        name_member(name);
        writer_.integer(change.before);
    }
    void address(std::string_view name, const Change<std::optional<Address>>& change) {
        if (change.before == change.after) return;
        name_member(name);
        write(change.before);
    }
    void shipping(std::string_view name, const Change<std::optional<Shipping>>& change) {
        if (change.before == change.after) return;
        name_member(name);
        write(change.before);
    }
    template <class Id>
    void id(std::string_view name, const Change<std::optional<Id>>& change, const IdCodec& ids) {
        if (change.before == change.after) return;
        name_member(name);
        change.before ? writer_.string(stripe_id(ids, *change.before)) : writer_.null();
    }
    void metadata(const Change<Metadata>& change);

    void begin(std::string_view object) { object_ = object; }
    void end() {
        if (inside_) writer_.end_object();
        inside_ = false;
        object_ = {};
    }

    std::string finish() {
        if (!text_.empty()) writer_.end_object();
        return std::move(text_);
    }

 private:
    void name_member(std::string_view name) {
        if (text_.empty()) writer_.begin_object();
        if (!object_.empty() && !inside_) {
            writer_.key(object_);
            writer_.begin_object();
            inside_ = true;
        }
        writer_.key(name);
    }
    void write(const std::optional<Address>& address);
    void write(const std::optional<Shipping>& shipping);

    std::string text_;
    JsonWriter writer_;
    std::string_view object_;
    bool inside_ = false;
};

const std::string* find_pair(const Metadata& metadata, const std::string& name) {
    const auto found = std::find_if(metadata.begin(), metadata.end(), [&name](const auto& pair) {
        return pair.first == name;
    });
    return found == metadata.end() ? nullptr : &found->second;
}

// Pairs that were added were null before.
void Differences::metadata(const Change<Metadata>& change) {
    begin("metadata");
    for (const auto& [name, value] : change.before) {
        const std::string* after = find_pair(change.after, name);
        if (after != nullptr && *after == value) continue;
        name_member(name);
        writer_.string(value);
    }
    for (const auto& [name, value] : change.after) {
        if (find_pair(change.before, name) != nullptr) continue;
        name_member(name);
        writer_.null();
    }
    end();
}

void Differences::write(const std::optional<Address>& address) {
    if (!address) return writer_.null();
    writer_.begin_object();
    writer_.member_or_null("city", address->city);
    writer_.member_or_null("country", address->country);
    writer_.member_or_null("line1", address->line1);
    writer_.member_or_null("line2", address->line2);
    writer_.member_or_null("postal_code", address->postal_code);
    writer_.member_or_null("state", address->state);
    writer_.end_object();
}

void Differences::write(const std::optional<Shipping>& shipping) {
    if (!shipping) return writer_.null();
    writer_.begin_object();
    writer_.key("address");
    write(std::optional{shipping->address});
    writer_.member_or_null("name", shipping->name);
    writer_.member_or_null("phone", shipping->phone);
    writer_.end_object();
}

}  // namespace

std::string previous_attributes(const Surroundings& around, const Change<Customer>& change) {
    const Customer& before = change.before;
    const Customer& after = change.after;
    Differences differences;
    differences.address("address", {before.address, after.address});
    differences.text("description", {before.description, after.description});
    differences.text("email", {before.email, after.email});
    differences.begin("invoice_settings");
    differences.id(
        "default_payment_method",
        Change<std::optional<PaymentMethodId>>{before.default_method, after.default_method},
        around.ids
    );
    differences.end();
    differences.metadata({before.metadata, after.metadata});
    differences.text("name", {before.name, after.name});
    differences.text("phone", {before.phone, after.phone});
    differences.shipping("shipping", {before.shipping, after.shipping});
    return differences.finish();
}

std::string previous_attributes(const Surroundings& around, const Change<PaymentMethod>& change) {
    const PaymentMethod& before = change.before;
    const PaymentMethod& after = change.after;
    Differences differences;
    differences.begin("billing_details");
    differences.address("address", {before.billing.address, after.billing.address});
    differences.text("email", {before.billing.email, after.billing.email});
    differences.text("name", {before.billing.name, after.billing.name});
    differences.text("phone", {before.billing.phone, after.billing.phone});
    differences.end();
    if (before.card && after.card) {
        differences.begin("card");
        differences.number("exp_month", {before.card->exp_month, after.card->exp_month});
        differences.number("exp_year", {before.card->exp_year, after.card->exp_year});
        differences.end();
    }
    differences.id(
        "customer", Change<std::optional<CustomerId>>{before.customer, after.customer}, around.ids
    );
    differences.metadata({before.metadata, after.metadata});
    return differences.finish();
}

std::string previous_attributes(const Change<PaymentDetails>& change) {
    const auto& [before, after] = change;
    Differences differences;
    differences.text("description", {before.description, after.description});
    differences.metadata({before.metadata, after.metadata});
    differences.text("receipt_email", {before.receipt_email, after.receipt_email});
    differences.shipping("shipping", {before.shipping, after.shipping});
    differences.text("transfer_group", {before.transfer_group, after.transfer_group});
    return differences.finish();
}

}  // namespace postern::payments
