#include "storage/packing/packed_text.hpp"

#include "storage/packing/packed_words.hpp"

#include <gtest/gtest.h>

namespace postern::storage {
namespace {

using namespace std::literals;

std::string there_and_back(std::string_view text) {
    const auto unpacked = unpack_text(pack_text(text));
    EXPECT_TRUE(unpacked.has_value());
    return unpacked ? *unpacked : "";
}

TEST(PackedTextTest, ComesBackByteForByte) {
    std::string every_byte;
    for (int byte = 0; byte < 256; ++byte) every_byte += static_cast<char>(byte);
    const std::string texts[] = {
        "",
        "a",
        "{}",
        "\0"s,
        "\x01"s,
        "\x01 not packed by us",
        R"({"id":"pi_1","object":"payment_intent","amount":1999})",
        "\0{\"id\":\"ch_1\"}\0"s,
        every_byte,
        std::string(3'000'000, 'x'),
        std::string{packed_words(WordList::first)},
    };
    for (const std::string& text : texts) EXPECT_EQ(there_and_back(text), text);
}

TEST(PackedTextTest, IsSmallWhereWhatIsSaidWasSaidBefore) {
    const std::string payment =
        R"({"id":"01a1ff98-e42e-7000-804b-0d0a8f41a685","payment_id":"pay_01a1ff98-e42e-7000-)"
        R"(804b-0d0a8f41a685","transaction_id":"pi_01a1ff98e42e7000804b0d0a8f41a685","order_id":)"
        R"(null,"amount":"19.99","currency":"USD","status":"pending","gateway":"stripe","reason":)"
        R"(null,"object":"payment","amount_minor":1999,"gateway_payment_id":null})";
    EXPECT_LT(pack_text(payment).size() * 2, payment.size());
}

TEST(PackedTextTest, IsLeftAsItIsWherePackingDoesNotHelp) {
    for (const std::string_view text : {"", "a", "9f3c1e7a"}) EXPECT_EQ(pack_text(text), text);
}

TEST(PackedTextTest, ThatWasNeverPackedComesBackAsItIs) {
    EXPECT_EQ(*unpack_text(R"({"id":"evt_1"})"), R"({"id":"evt_1"})");
}

TEST(PackedTextTest, ThatIsDamagedIsRefused) {
    const std::string packed = pack_text(packed_words(WordList::first));
    ASSERT_EQ(packed.front(), '\x01');
    const std::string damaged[] = {
        "\x01"s,
        "\x02"s + packed.substr(1),  // words that nobody has
        "\0"s + packed.substr(1),
        packed.substr(0, packed.size() - 1),
        packed + "x",
        "\x01" + std::string(40, '\xff'),
        packed.substr(0, 1) + "\xff\xff\xff\xff" + packed.substr(5),  // a size beyond all of ours
        packed.substr(0, 1) + std::string(4, '\0') + packed.substr(5),
    };
    for (const std::string& text : damaged) EXPECT_FALSE(unpack_text(text).has_value()) << text;
}

}  // namespace
}  // namespace postern::storage
