#include "payments/dialects/onerway/fields.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace postern::payments::onerway {
namespace {

RequestNode form(std::string_view text) {
    auto root = read_form(text);
    EXPECT_TRUE(root.has_value()) << text;
    return root ? std::move(*root) : RequestNode{};
}

// "code|param" of the complaint that reading brings up; "good" without one.
using Read = std::function<void(Parameters&)>;
std::string outcome(const std::string& text, const Read& read) {
    const RequestNode root = form(text);
    Parameters parameters{root};
    read(parameters);
    const auto complaint = parameters.finish();
    return complaint ? std::string{complaint->code} + '|' + complaint->parameter : "good";
}

TEST(Fields, KnowAnEmailAddressFromASlip) {
    const Read read = [](Parameters& parameters) {
        read_email(parameters, "email");
    };
    for (const char* good :
         {"", "a@b.co", "first.last%2Btag@mail.example.com", "%E5%BC%A0@example.cn", "a@b-c.d.e"}) {
        SCOPED_TRACE(good);
        EXPECT_EQ(outcome(std::string{"email="} + good, read), "good");
    }
    for (const char* wrong :
         {"a", "@b.co", "a@", "a@b", "a@b.", "a@.b", "a b@c.d", "a@b@c.d", "a@b..c", "a%0a@b.co"}) {
        SCOPED_TRACE(wrong);
        EXPECT_EQ(outcome(std::string{"email="} + wrong, read), "email_invalid|email");
    }
}

TEST(Fields, KnowAnAddressThatOneCanReturnTo) {
    const Read read = [](Parameters& parameters) {
        read_url(parameters, "return_url");
    };
    for (const char* good :
         {"", "https://a.example/b?c=d", "http://127.0.0.1:3000", "app://done"}) {
        SCOPED_TRACE(good);
        EXPECT_EQ(outcome(std::string{"return_url="} + good, read), "good");
    }
    for (const char* wrong :
         {"a", "a.example", "//a", "http://", "javascript:alert(1)", "http://a b", "://a"}) {
        SCOPED_TRACE(wrong);
        EXPECT_EQ(outcome(std::string{"return_url="} + wrong, read), "url_invalid|return_url");
    }
}

TEST(Fields, CountCharactersAndNotBytes) {
    const Read read = [](Parameters& parameters) {
        read_description(parameters);
    };
    std::string chinese = "description=";
    for (int i = 0; i < 350; ++i) chinese += "%E4%BB%98";
    EXPECT_EQ(outcome(chinese, read), "good");
    EXPECT_EQ(outcome(chinese + "x", read), "|description");
    EXPECT_EQ(outcome("description=a%00b", read), "|description");
}

TEST(Fields, KeepDescriptorsShortAndPlain) {
    const Read read = [](Parameters& parameters) {
        read_statement_descriptor(parameters, "statement_descriptor");
    };
    EXPECT_EQ(outcome("statement_descriptor=SHOP.EXAMPLE 22 LETTER", read), "good");
    for (const char* wrong : {"SHOP.EXAMPLE 22 LETTERS", "a<b", "a'b", "a*b", "a%0Ab"}) {
        SCOPED_TRACE(wrong);
        EXPECT_EQ(
            outcome(std::string{"statement_descriptor="} + wrong, read), "|statement_descriptor"
        );
    }
}

TEST(Fields, TakeMetadataWithinItsLimits) {
    const Read read = [](Parameters& parameters) {
        read_metadata(parameters);
    };
    const std::string name40(40, 'n');
    const std::string value500(500, 'v');
    EXPECT_EQ(outcome("metadata[" + name40 + "]=" + value500, read), "good");
    EXPECT_EQ(outcome("metadata[" + name40 + "n]=v", read), "|metadata");
    EXPECT_EQ(outcome("metadata[n]=" + value500 + "v", read), "|metadata");
    EXPECT_EQ(outcome("metadata[n]=a%00", read), "|metadata");
    std::string many;
    for (int i = 0; i < 51; ++i) many += "&metadata[k" + std::to_string(i) + "]=v";
    EXPECT_EQ(outcome(many.substr(1), read), "|metadata");
    EXPECT_EQ(outcome("metadata=x", read), "|metadata");
    EXPECT_EQ(outcome("metadata[a][b]=x", read), "|metadata[a]");
}

TEST(Fields, TellClearedMetadataFromNone) {
    const auto change_of = [](std::string_view text) {
        const RequestNode root = form(text);
        Parameters parameters{root};
        return read_metadata(parameters);
    };
    EXPECT_TRUE(change_of("a=1").is_empty());
    EXPECT_EQ(change_of("metadata=").clear, PaymentEdit::ClearMetadata::yes);
    EXPECT_EQ(change_of("metadata[a]=").pairs, (Metadata{{"a", ""}}));
    EXPECT_EQ(metadata_of(change_of("metadata[a]=&metadata[b]=2")), (Metadata{{"b", "2"}}));
    EXPECT_EQ(why_not_metadata({{"a", "1"}}, change_of("metadata[b]=2")), std::nullopt);
}

TEST(Fields, TurnBordersIntoWholeSeconds) {
    const auto range_of = [](std::string_view text) {
        const RequestNode root = form(text);
        Parameters parameters{root};
        const TimeRange range = read_range(parameters, "created");
        EXPECT_EQ(parameters.finish(), std::nullopt) << text;
        const auto seconds = [](const std::optional<TimePoint>& at) {
            return at ? std::to_string(unix_seconds(*at)) : std::string{"-"};
        };
        return seconds(range.from) + " to " + seconds(range.until);
    };
    EXPECT_EQ(range_of(""), "- to -");
    EXPECT_EQ(range_of("created=100"), "100 to 101");
    EXPECT_EQ(range_of("created[gte]=100"), "100 to -");
    EXPECT_EQ(range_of("created[gt]=100"), "101 to -");
    EXPECT_EQ(range_of("created[lt]=100"), "- to 100");
    EXPECT_EQ(range_of("created[lte]=100"), "- to 101");
    EXPECT_EQ(range_of("created[gte]=5&created[gt]=7&created[lt]=20&created[lte]=9"), "8 to 10");
    const Read read = [](Parameters& parameters) {
        read_range(parameters, "created");
    };
    EXPECT_EQ(outcome("created=x", read), "parameter_invalid_integer|created");
    EXPECT_EQ(outcome("created[gte]=-1", read), "parameter_invalid_integer|created[gte]");
    EXPECT_EQ(
        outcome("created[lte]=99999999999999", read), "parameter_invalid_integer|created[lte]"
    );
    EXPECT_EQ(outcome("created[since]=1", read), "parameter_unknown|created[since]");
}

TEST(Fields, ReadShippingWholeOrNotAtAll) {
    const Read read = [](Parameters& parameters) {
        read_shipping(parameters);
    };
    EXPECT_EQ(outcome("shipping=", read), "good");
    EXPECT_EQ(outcome("shipping[name]=J&shipping[address][line1]=Street 1", read), "good");
    EXPECT_EQ(
        outcome("shipping[address][line1]=Street 1", read), "parameter_missing|shipping[name]"
    );
    EXPECT_EQ(outcome("shipping[name]=J", read), "parameter_missing|shipping[address]");
    EXPECT_EQ(outcome("shipping[nmae]=J", read), "parameter_unknown|shipping[nmae]");
    const RequestNode root = form("shipping=");
    Parameters parameters{root};
    const auto cleared = read_shipping(parameters);
    ASSERT_TRUE(cleared.has_value());
    EXPECT_FALSE(cleared->has_value());
}

TEST(Fields, ChangeBillingDetailsPartByPart) {
    const RequestNode root = form("billing_details[name]=New&billing_details[phone]=");
    Parameters parameters{root};
    BillingDetails billing{.name = "Old", .email = "a@b.co", .phone = "1", .address = Address{}};
    read_billing(parameters, {}).apply_to(billing);
    EXPECT_EQ(
        billing,
        (BillingDetails{.name = "New", .email = "a@b.co", .phone = "", .address = Address{}})
    );
}

TEST(Fields, SpellNamesWithinTables) {
    EXPECT_EQ(inside("", "card[number]"), "card[number]");
    EXPECT_EQ(inside("a", "b"), "a[b]");
    EXPECT_EQ(inside("a[b]", "c[d]"), "a[b][c][d]");
}

}  // namespace
}  // namespace postern::payments::onerway
