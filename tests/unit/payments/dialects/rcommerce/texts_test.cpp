#include "payments/dialects/rcommerce/texts.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace postern::payments::rcommerce {
namespace {

bool has_chinese(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) >= 0x80;
    });
}

std::size_t count_gaps(std::string_view text) {
    std::size_t gaps = 0;
    for (std::size_t at = 0; (at = text.find("{}", at)) != std::string_view::npos; at += 2) ++gaps;
    return gaps;
}

TEST(RcommerceTexts, SaysEverythingInBothLanguages) {
    for (std::size_t i = 0; i < kTextCount; ++i) {
        SCOPED_TRACE(i);
        const auto which = static_cast<Text>(i);
        const auto english = text(which, Language::english);
        const auto chinese = text(which, Language::chinese);
        EXPECT_FALSE(english.empty());
        EXPECT_FALSE(has_chinese(english)) << english;
        EXPECT_TRUE(has_chinese(chinese)) << english;
        EXPECT_EQ(count_gaps(english), count_gaps(chinese)) << english;
    }
}

TEST(RcommerceTexts, UsesTheDocumentsOwnWords) {
    EXPECT_EQ(text(Text::card_declined, Language::chinese), "您的卡被拒绝。");
    EXPECT_EQ(text(Text::method_deleted, Language::chinese), "支付方式已删除");
    EXPECT_EQ(label(method_labels(), "card", Language::chinese), "信用卡/借记卡");
    EXPECT_EQ(label(field_labels(), "number", Language::chinese), "卡号");
    EXPECT_EQ(label(field_labels(), "exp_month", Language::chinese), "到期月份");
    EXPECT_EQ(label(field_labels(), "exp_year", Language::chinese), "到期年份");
    EXPECT_EQ(label(field_labels(), "cvc", Language::chinese), "安全码");
    EXPECT_EQ(label(gateway_labels(), "stripe", Language::chinese), "Stripe");
}

TEST(RcommerceTexts, NamesEveryThingInBothLanguages) {
    for (const auto labels : {field_labels(), method_labels(), gateway_labels()}) {
        for (const Label& one : labels) {
            SCOPED_TRACE(one.name);
            EXPECT_FALSE(one.english.empty());
            EXPECT_FALSE(one.chinese.empty());
            EXPECT_FALSE(has_chinese(one.english));
        }
    }
    EXPECT_TRUE(label(field_labels(), "blood_group", Language::english).empty());
}

TEST(RcommerceTexts, FillsGapsInOrder) {
    EXPECT_EQ(
        text(Text::not_a_whole_number, Language::english, {"1", "100"}),
        "must be a whole number from 1 to 100"
    );
    EXPECT_EQ(
        text(Text::not_one_of, Language::chinese, {"asc, desc"}), "必须是以下之一：asc, desc"
    );
}

}  // namespace
}  // namespace postern::payments::rcommerce
