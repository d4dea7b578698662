#include "verifiers/braintree_xml.hpp"

#include <gtest/gtest.h>

namespace postern::verifiers {
namespace {

struct Case {
    const char* name;
    std::string xml;
    std::optional<std::string> text;  // of <a>; nothing: refused
};

const Case kCases[] = {
    {"reads a text", "<a>x</a>", "x"},
    {"reads an empty element", "<a/>", ""},
    {"reads over a declaration", "<?xml version=\"1.0\"?>\n<a>x</a>\n", "x"},
    {"reads over a byte order mark", "\xef\xbb\xbf<a>x</a>", "x"},
    {"reads over attributes", "<a type=\"array\" nil='true' >x</a >", "x"},
    {"reads over comments", "<!-- 1 --><a>x<!-- < & -->y</a><!-- 2 -->", "xy"},
    {"knows the five entities", "<a>&amp;&lt;&gt;&quot;&apos;</a>", "&<>\"'"},
    {"does not read an entity twice", "<a>&amp;lt;</a>", "&lt;"},
    {"knows decimal references", "<a>&#252;</a>", "\xc3\xbc"},
    {"knows hexadecimal references", "<a>&#x8ba2;&#x1F4b3;</a>", "\xe8\xae\xa2\xf0\x9f\x92\xb3"},
    {"keeps UTF-8", "<a>\xc3\xbc</a>", "\xc3\xbc"},
    {"refuses nothing at all", "", std::nullopt},
    {"refuses no element", "x", std::nullopt},
    {"refuses text before the root", "x<a/>", std::nullopt},
    {"refuses text behind the root", "<a/>x", std::nullopt},
    {"refuses a second root", "<a/><a/>", std::nullopt},
    {"refuses an open element", "<a>x", std::nullopt},
    {"refuses an open tag", "<a", std::nullopt},
    {"refuses another end", "<a>x</b>", std::nullopt},
    {"refuses crossed elements", "<a><b></a></b>", std::nullopt},
    {"refuses a document type", "<!DOCTYPE a><a/>", std::nullopt},
    {"refuses declared entities",
     "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>",
     std::nullopt},
    {"refuses a document type in lower case", "<!doctype a><a/>", std::nullopt},
    {"refuses a document type inside", "<a><!DOCTYPE b></a>", std::nullopt},
    {"refuses CDATA", "<a><![CDATA[x]]></a>", std::nullopt},
    {"refuses instructions", "<a><?php x ?></a>", std::nullopt},
    {"refuses instructions before the root", "<?php x ?><a/>", std::nullopt},
    {"refuses unknown entities", "<a>&eacute;</a>", std::nullopt},
    {"refuses a bare ampersand", "<a>x & y</a>", std::nullopt},
    {"refuses an endless reference", "<a>&#0000000000000000033;</a>", std::nullopt},
    {"refuses the null character", "<a>&#0;</a>", std::nullopt},
    {"refuses control characters as references", "<a>&#8;</a>", std::nullopt},
    {"refuses control characters as bytes", "<a>\x08</a>", std::nullopt},
    {"refuses surrogates", "<a>&#xd800;</a>", std::nullopt},
    {"refuses characters beyond the last", "<a>&#x110000;</a>", std::nullopt},
    {"refuses a signed reference", "<a>&#-65;</a>", std::nullopt},
    {"refuses an empty reference", "<a>&#;&#x;</a>", std::nullopt},
    {"refuses broken UTF-8", "<a>\xff</a>", std::nullopt},
    {"refuses an attribute without a value", "<a b>x</a>", std::nullopt},
    {"refuses an attribute without quotes", "<a b=c>x</a>", std::nullopt},
    {"refuses attributes without a space between", "<a b='1'c='2'/>", std::nullopt},
    {"refuses an open attribute", "<a b='1>x</a>", std::nullopt},
    {"refuses an entity in an attribute", "<a b='&c;'/>", std::nullopt},
    {"refuses a name that begins with a digit", "<1a/>", std::nullopt},
    {"refuses an open comment", "<a><!-- </a>", std::nullopt},
};

TEST(BraintreeXml, ReadsTheStrictSubset) {
    for (const Case& test_case : kCases) {
        SCOPED_TRACE(test_case.name);
        const auto root = parse_braintree_xml(test_case.xml);
        EXPECT_EQ(root.has_value(), test_case.text.has_value());
        if (root && test_case.text) {
            EXPECT_EQ(root->text, *test_case.text);
        }
    }
}

TEST(BraintreeXml, FollowsAPathThroughWhatIsNotThere) {
    const auto root = parse_braintree_xml("<a><b><c>1</c><c>2</c></b></a>");
    ASSERT_TRUE(root.has_value());
    EXPECT_EQ(root->child("b").child("c").text, "1");
    EXPECT_EQ(root->first_child().name, "b");
    EXPECT_FALSE(root->child("x").child("y").first_child().exists());
}

std::string nested(int depth) {
    std::string xml;
    for (int i = 0; i < depth; ++i) xml += "<a>";
    for (int i = 0; i < depth; ++i) xml += "</a>";
    return xml;
}

TEST(BraintreeXml, EndsAtItsLimits) {
    EXPECT_TRUE(parse_braintree_xml(nested(32)).has_value());
    EXPECT_FALSE(parse_braintree_xml(nested(33)).has_value());
    EXPECT_FALSE(parse_braintree_xml(nested(100'000)).has_value());
    EXPECT_TRUE(parse_braintree_xml("<a><b/><b/></a>", {.elements_max = 3}).has_value());
    EXPECT_FALSE(parse_braintree_xml("<a><b/><b/></a>", {.elements_max = 2}).has_value());
}

TEST(BraintreeXml, RefusesEveryBeginning) {
    const std::string whole = "<?xml version=\"1.0\"?><a b='1'><c>&amp;</c><d/><!-- e --></a>";
    ASSERT_TRUE(parse_braintree_xml(whole).has_value());
    for (std::size_t length = 0; length < whole.size(); ++length) {
        EXPECT_FALSE(parse_braintree_xml(whole.substr(0, length)).has_value()) << length;
    }
}

}  // namespace
}  // namespace postern::verifiers
