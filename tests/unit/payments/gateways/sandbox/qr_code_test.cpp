#include "payments/gateways/sandbox/qr_code.hpp"

#include <gtest/gtest.h>

namespace postern::payments {
namespace {

// Read back by an independent decoder, as every length up to the largest was.
constexpr std::string_view kHello =
    "#######.#..#..#######"
    "#.....#.####..#.....#"
    "#.###.#...#.#.#.###.#"
    "#.###.#.#.#.#.#.###.#"
    "#.###.#....#..#.###.#"
    "#.....#....##.#.....#"
    "#######.#.#.#.#######"
    "........#..##........"
    "#.##.###.#.##.#..#.##"
    ".##.##.#.######..##.."
    "#...#.#..#.#.......##"
    "#.##...#...#..####.#."
    ".#.######...#..#..#.#"
    "........####..#...#.#"
    "#######.#..##..#....."
    "#.....#.#.#....#####."
    "#.###.#.....######.##"
    "#.###.#.#.##..#.####."
    "#.###.#.##..#.##..#.."
    "#.....#...#..#.##...#"
    "#######.#.#..#.#.....";

std::string drawn(const QrCode& code) {
    std::string rows;
    for (int y = 0; y < code.size(); ++y) {
        for (int x = 0; x < code.size(); ++x) rows += code.is_dark({x, y}) ? '#' : '.';
    }
    return rows;
}

TEST(QrCode, DrawsWhatADecoderReads) {
    const auto code = QrCode::of("HELLO");
    ASSERT_TRUE(code.has_value());
    EXPECT_EQ(code->size(), 21);
    EXPECT_EQ(drawn(*code), kHello);
}

TEST(QrCode, GrowsWithItsText) {
    struct SizeCase {
        std::size_t bytes;
        int version;
    };
    constexpr SizeCase cases[] = {
        {0, 1}, {14, 1}, {15, 2}, {84, 5}, {85, 6}, {122, 7}, {180, 9}, {181, 10}, {412, 15}};
    for (const SizeCase& test_case : cases) {
        const auto code = QrCode::of(std::string(test_case.bytes, 'x'));
        ASSERT_TRUE(code.has_value()) << test_case.bytes;
        EXPECT_EQ(code->size(), 17 + 4 * test_case.version) << test_case.bytes;
    }
    EXPECT_FALSE(QrCode::of(std::string(413, 'x')).has_value());
}

TEST(QrCode, HasItsFindersInThreeCorners) {
    const auto code = QrCode::of(std::string(200, 'y'));
    ASSERT_TRUE(code.has_value());
    const int last = code->size() - 1;
    for (const QrCode::Spot corner :
         {QrCode::Spot{0, 0}, QrCode::Spot{last - 6, 0}, QrCode::Spot{0, last - 6}}) {
        for (int i = 0; i < 7; ++i) {
            EXPECT_TRUE(code->is_dark({corner.x + i, corner.y}));
            EXPECT_TRUE(code->is_dark({corner.x, corner.y + i}));
        }
        EXPECT_FALSE(code->is_dark({corner.x + 1, corner.y + 1}));
        EXPECT_TRUE(code->is_dark({corner.x + 3, corner.y + 3}));
    }
}

TEST(QrCode, IsAPictureWithAQuietZone) {
    const auto code = QrCode::of("HELLO");
    const std::string svg = code->to_svg();
    EXPECT_TRUE(svg.starts_with("<svg "));
    EXPECT_TRUE(svg.ends_with("</svg>"));
    EXPECT_NE(svg.find("viewBox=\"0 0 29 29\""), std::string::npos);
    EXPECT_NE(svg.find("M4 4h1v1h-1z"), std::string::npos);  // the first finder's corner
    EXPECT_EQ(svg.find("M3 "), std::string::npos);
}

}  // namespace
}  // namespace postern::payments
