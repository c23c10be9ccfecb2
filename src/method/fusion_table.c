/* Made by bench/fit_fusion.py; do not edit. The fit: see gd_fusion_provenance. */
/* clang-format off */
#include "method/fusion.h"

const char gd_fusion_provenance[] = "fit_fusion.py on 121 mut, 29 outside, 434 seed, 41 so cases of 89 bases";
const double gd_fusion_start = -2.90715358;

static const double layer_edges_0[] = {
	0.5 };
static const double layer_terms_0[] = {
	0, -0.290748228, 0.0217808503 };
static const double layer_edges_1[] = {
	0.25, 1 };
static const double layer_terms_1[] = {
	0, -0.687885581, -0.10739522, 6.65554552 };
static const double layer_edges_2[] = {
	-1.73773632 };
static const double layer_terms_2[] = {
	0, 0.144314878, -0.0142076933 };
static const double layer_edges_3[] = {
	-1.0029459 };
static const double layer_terms_3[] = {
	0, 0.0130817224, 0.154829021 };
static const double layer_edges_4[] = {
	0.235516047 };
static const double layer_terms_4[] = {
	0, -0.0222750457, 0.441433783 };
static const double layer_edges_5[] = {
	0.35, 1.05451774, 1.5451545 };
static const double layer_terms_5[] = {
	0, -0.24735931, 0.512448346, 0.760993729, 1.70403519 };
static const double layer_edges_6[] = {
	0.35, 1.5451545, 1.8451545 };
static const double layer_terms_6[] = {
	0, -0.143660079, 0.157664255, 0.76640051, 1.27013056 };
static const double layer_edges_7[] = {
	0.403397896 };
static const double layer_terms_7[] = {
	0, 0.217341457, -0.0894761263 };
static const double layer_edges_8[] = {
	0 };
static const double layer_terms_8[] = {
	0, -0.144849899, 0.0303132969 };
static const double layer_edges_9[] = {
	-0.802091371, 3.66390666, 8.51469672 };
static const double layer_terms_9[] = {
	0, -0.267842861, -0.021129919, 0.262775898, 0.483770886 };
static const double layer_edges_10[] = {
	-4.51182281, -2.766405 };
static const double layer_terms_10[] = {
	0, 0.402880456, -0.0437597405, -0.113050488 };
static const double layer_edges_11[] = {
	0.142857143 };
static const double layer_terms_11[] = {
	0, 0.0158548726, -0.0103124491 };
static const double layer_edges_12[] = {
	-2.17276969, -1.61727409 };
static const double layer_terms_12[] = {
	0, 0.0487102982, 0.010667555, -0.0133501538 };
static const double layer_edges_13[] = {
	-1.86276064, 0.176348515, 4.16685589 };
static const double layer_terms_13[] = {
	0, 0.09281164, -0.0549720978, -0.0196053198, -0.355787026 };
static const double layer_edges_14[] = {
	0.863773681 };
static const double layer_terms_14[] = {
	0, 0.0275156467, -0.131598963 };
static const double layer_edges_15[] = {
	-0.334590884 };
static const double layer_terms_15[] = {
	0, 0.0528103362, -0.0663951888 };
static const double layer_edges_16[] = {
	-1.3316237, 0.901747347, 1.54058461 };
static const double layer_terms_16[] = {
	0, 0.125490611, -0.0571547739, -0.0855277936, -0.117556669 };
static const double layer_edges_17[] = {
	-0.197646499 };
static const double layer_terms_17[] = {
	0, 0.0189163073, -0.00454997219 };
static const double layer_edges_18[] = {
	0.133928571 };
static const double layer_terms_18[] = {
	0, 0.122807551, -0.0221111349 };
static const double layer_edges_19[] = {
	-0.393224164, 1.34179006, 1.74887568, 2.53715829 };
static const double layer_terms_19[] = {
	0, -0.295020124, 0.00351647517, 0.0278541329, 0.214449266, 0.459383601 };
static const double layer_edges_20[] = {
	-2.8933383 };
static const double layer_terms_20[] = {
	0, -0.0267611291, 0.00224470725 };
static const double layer_edges_21[] = {
	0.0015072853, 0.0450844819, 0.159374345, 0.242061459 };
static const double layer_terms_21[] = {
	0, 0.287346044, 0.22550846, 0.180719841, 0.0201018698, -0.0758550935 };
static const double layer_edges_22[] = {
	0.493650193 };
static const double layer_terms_22[] = {
	0, -0.0100715191, 0.00693776035 };
static const double layer_edges_23[] = {
	0.629004657 };
static const double layer_terms_23[] = {
	0, -0.0111246478, 0.0244424038 };
static const double layer_edges_24[] = {
	0.333333333, 0.666666667 };
static const double layer_terms_24[] = {
	0, -0.141410957, -0.105422733, 0.218485798 };
static const double layer_edges_25[] = {
	-0.246214591, -0.147230948 };
static const double layer_terms_25[] = {
	0, 0.34582177, 0.0970431955, -0.0738763085 };
static const double layer_edges_26[] = {
	-9.28231425, -2.3613148 };
static const double layer_terms_26[] = {
	0, 0.138594095, 0.0912950173, -0.0411748865 };
static const double layer_edges_27[] = {
	0.00559091141 };
static const double layer_terms_27[] = {
	0, 0.131700407, -0.120502713 };
static const double layer_edges_28[] = {
	0.875 };
static const double layer_terms_28[] = {
	0, -0.0320784413, 0.104779567 };
static const double layer_edges_29[] = {
	-0.130878652, -0.0441117205, 0.0774333118 };
static const double layer_terms_29[] = {
	0, 0.480932514, 0.0460202036, -0.187964687, -0.078807477 };
static const double layer_edges_30[] = {
	-4.69736937, -1.40051248 };
static const double layer_terms_30[] = {
	0, 0.0802338418, 0.0296002615, -0.0224803401 };
static const double layer_edges_31[] = {
	0.0625 };
static const double layer_terms_31[] = {
	0, 0.0252138049, -0.0135507501 };
static const double layer_edges_32[] = {
	-0.512029046, -0.344725002 };
static const double layer_terms_32[] = {
	0, -0.111402256, 0.02766292, 0.100489782 };
static const double layer_edges_33[] = {
	0.9375 };
static const double layer_terms_33[] = {
	0, -0.00941381093, 0.0670978159 };
static const double layer_edges_34[] = {
	-1.94800822 };
static const double layer_terms_34[] = {
	0, -0.0719655013, 0.79341061 };
static const double layer_edges_35[] = {
	0.832815701 };
static const double layer_terms_35[] = {
	0, -0.00840515965, 0.123426147 };
static const double layer_edges_36[] = {
	-7.58531768, 0.342971307, 2.66009369, 5.13775129 };
static const double layer_terms_36[] = {
	0, 0.0779883556, -0.0945581248, -0.0770517832, -0.0443152332, 1.22904512 };
static const double layer_edges_37[] = {
	-0.274557664, 0.574713487 };
static const double layer_terms_37[] = {
	0, 0.198937811, -0.043702847, 0.0672476393 };
static const double layer_edges_38[] = {
	1.40668676 };
static const double layer_terms_38[] = {
	0, -0.0385843077, 0.222262069 };
static const double layer_edges_39[] = {
	0.0822031427 };
static const double layer_terms_39[] = {
	0, 0.0536433743, -0.0140664509 };
static const double layer_edges_40[] = {
	-5.1622818, 1.75011329 };
static const double layer_terms_40[] = {
	0, 0.185498318, -0.0190869453, 0.0467625042 };
static const double layer_edges_41[] = {
	0.133928571 };
static const double layer_terms_41[] = {
	0, 0.0285006124, -0.0112082419 };
static const double layer_edges_42[] = {
	0.75876454, 0.882855095, 0.919923962, 1.05165417, 1.46362958 };
static const double layer_terms_42[] = {
	0, -0.262566312, -0.122750314, -0.0458464516, 0.257340297, 0.439602983, 0.769489673 };
static const double layer_edges_43[] = {
	0.6125 };
static const double layer_terms_43[] = {
	0, -0.00898801234, 0.00877532569 };
static const double layer_edges_44[] = {
	2.46829103, 2.85314433 };
static const double layer_terms_44[] = {
	0, -0.0315318191, -0.0105832416, 0.226882023 };
static const double layer_edges_45[] = {
	1.25740082, 3.00297575, 8.44708718 };
static const double layer_terms_45[] = {
	0, -0.104776842, 0.0807745694, 0.81982739, 0.89807336 };
static const double layer_edges_46[] = {
	0.0232928241 };
static const double layer_terms_46[] = {
	0, 0.0365882498, -0.00917506927 };
static const double layer_edges_47[] = {
	0.31416326, 0.734466756, 0.971481184 };
static const double layer_terms_47[] = {
	0, -0.132933467, -0.03401515, 0.0782314119, 0.394839741 };
static const double layer_edges_48[] = {
	0.722747803, 0.948730469, 0.974283854, 0.997916667 };
static const double layer_terms_48[] = {
	0, 0.533668514, 0.307124829, 0.10120531, 0.040966661, -0.0462666628 };
static const double layer_edges_49[] = {
	-2.74753323, 0.0103039341 };
static const double layer_terms_49[] = {
	0, 1.69503486, 0.100383812, -0.163666976 };
static const double layer_edges_50[] = {
	0.585714286 };
static const double layer_terms_50[] = {
	0, 0.0379838578, -0.0239286247 };
static const double layer_edges_51[] = {
	0.0271267361 };
static const double layer_terms_51[] = {
	0, -0.0179741251, 0.737149192 };
static const double layer_edges_52[] = {
	0.46875 };
static const double layer_terms_52[] = {
	0, -0.243213279, 0.0400983982 };
static const double layer_edges_53[] = {
	0 };
static const double layer_terms_53[] = {
	0, -0.0235182407, 0.173181734 };
static const double layer_edges_54[] = {
	0.500247857, 0.794297136 };
static const double layer_terms_54[] = {
	0, -0.0610410083, 0.016177582, 0.274247815 };
static const double layer_edges_55[] = {
	0.00269938405, 0.140471854, 0.158959258 };
static const double layer_terms_55[] = {
	0, 0.164005452, 0.00594503582, -0.0112253806, -0.0288011633 };
static const double layer_edges_56[] = {
	5.27438599 };
static const double layer_terms_56[] = {
	0, -0.00277119538, 0.111944578 };
static const double layer_edges_57[] = {
	0.9375 };
static const double layer_terms_57[] = {
	0, -0.00583105278, 0.0310720997 };
static const double layer_edges_58[] = {
	0.446864122, 0.802623567 };
static const double layer_terms_58[] = {
	0, -0.000802442916, -0.0169838226, 0.341885274 };
static const double layer_edges_59[] = {
	0.0854876465, 0.0943681265 };
static const double layer_terms_59[] = {
	0, -0.111318744, -0.0643642162, 0.0522179043 };
static const double layer_edges_60[] = {
	4.55304962 };
static const double layer_terms_60[] = {
	0, -0.0119415192, 0.156956369 };
static const double layer_edges_61[] = {
	0.111979167 };
static const double layer_terms_61[] = {
	0, -9.41044284e-05, 0.357988283 };
static const double layer_edges_62[] = {
	10.78125 };
static const double layer_terms_62[] = {
	0, 0.000950278629, 0.178267283 };
static const double layer_edges_63[] = {
	0.46875, 0.916666667 };
static const double layer_terms_63[] = {
	0, -0.548210516, 0.0354442318, 0.990550724 };
static const double layer_edges_64[] = {
	-1.38001483 };
static const double layer_terms_64[] = {
	0, 0.0614415906, -0.00195125289 };
static const double layer_edges_65[] = {
	-1.61592163 };
static const double layer_terms_65[] = {
	0, 0.304764973, -0.0102028305 };
static const double layer_edges_66[] = {
	0.0625 };
static const double layer_terms_66[] = {
	0, 0.138518598, -0.0162893013 };
static const double layer_edges_67[] = {
	-0.06568303 };
static const double layer_terms_67[] = {
	0, -0.0122894735, 0.00711715587 };
static const double layer_edges_68[] = {
	-0.136622381 };
static const double layer_terms_68[] = {
	0, -0.0354497536, 0.0227103387 };
static const double layer_edges_69[] = {
	0.6125 };
static const double layer_terms_69[] = {
	0, -0.01079208, 0.0140927107 };
static const double layer_edges_70[] = {
	0.675842899, 1.98219074 };
static const double layer_terms_70[] = {
	0, 0.0820613446, 0.767726673, 1.16113757 };
static const double layer_edges_71[] = {
	-2.82697526 };
static const double layer_terms_71[] = {
	0, 0.495198645, -0.0580499663 };
static const double layer_edges_72[] = {
	-17.4083306 };
static const double layer_terms_72[] = {
	0, 0.605957571, -0.0301399287 };
static const double layer_edges_73[] = {
	-2.82755978 };
static const double layer_terms_73[] = {
	0, -0.0514642947, 0.0131816974 };
static const double layer_edges_74[] = {
	1.44355931 };
static const double layer_terms_74[] = {
	0, 0.0630426271, -0.19190761 };
static const double layer_edges_75[] = {
	0.183333333 };
static const double layer_terms_75[] = {
	0, -0.141731029, 0.0839236704 };
static const double layer_edges_76[] = {
	-1.36809395 };
static const double layer_terms_76[] = {
	0, -0.0987783563, 0.0581582934 };
static const double layer_edges_77[] = {
	0.485148898, 0.613385348 };
static const double layer_terms_77[] = {
	0, 0.0733358677, 0.0475595622, -0.152231562 };
static const double layer_edges_78[] = {
	-0.274528702, -0.171172901, 0.57356761 };
static const double layer_terms_78[] = {
	0, -0.12465849, -0.0154543359, 0.0588063638, 0.031312495 };
static const double layer_edges_79[] = {
	-2.38568623, 0.896485589 };
static const double layer_terms_79[] = {
	0, -0.120241821, 0.0948213724, -0.0454675957 };
static const double layer_edges_80[] = {
	-1.97492595, 0.744705032, 1.71339371, 2.64357104 };
static const double layer_terms_80[] = {
	0, -0.00930336567, -0.190413057, 0.0463074197, 0.419899087, 1.02062508 };
static const double layer_edges_81[] = {
	1.25567524, 1.73836272, 2.78004111, 5.92142746 };
static const double layer_terms_81[] = {
	0, -0.0614182609, 0.00914106887, 0.064534326, 0.346974424, 0.50647216 };
static const double layer_edges_82[] = {
	-2.54591944 };
static const double layer_terms_82[] = {
	0, 0.168698241, -0.0228831543 };
static const double layer_edges_83[] = {
	-1.47191171, 1.5021001, 5.29617075 };
static const double layer_terms_83[] = {
	0, 0.0483987757, -0.0705277881, -0.0261150374, 0.323433755 };
static const double layer_edges_84[] = {
	0.313362633, 0.536692233, 0.824105384, 1.02541542 };
static const double layer_terms_84[] = {
	0, -0.135564425, -0.0349525413, 0.0202303096, 0.160551366, 0.30600926 };
static const double layer_edges_85[] = {
	3.24923776 };
static const double layer_terms_85[] = {
	0, -0.0165848609, 0.175007715 };
static const double layer_edges_86[] = {
	0.399474331, 0.510455106, 0.672902822 };
static const double layer_terms_86[] = {
	0, -0.0723511498, 0.214950149, 0.635420065, 1.45320513 };
static const double layer_edges_87[] = {
	-0.782079769 };
static const double layer_terms_87[] = {
	0, 0.153096634, -0.0396323025 };
static const double layer_edges_88[] = {
	-0.0485495717, -0.00106379849, 0.234265513 };
static const double layer_terms_88[] = {
	0, 0.212209075, 0.161683441, 0.11246918, -0.140987908 };
static const double layer_edges_89[] = {
	0.118810579, 0.839480917 };
static const double layer_terms_89[] = {
	0, 0.057529908, 0.0244950613, -0.062809826 };
static const double layer_edges_90[] = {
	0.535714286, 0.69047619 };
static const double layer_terms_90[] = {
	0, 0.0706542709, -0.00878552417, -0.0544615052 };
static const double layer_edges_91[] = {
	-0.125227263 };
static const double layer_terms_91[] = {
	0, 0.0346160753, -0.00702029456 };
static const double layer_edges_92[] = {
	-0.26235326, -0.0845564276, -0.0171913276 };
static const double layer_terms_92[] = {
	0, 0.223800551, 0.145231063, 0.011896403, -0.126243101 };
static const double layer_edges_93[] = {
	-0.512494059, -0.102120749 };
static const double layer_terms_93[] = {
	0, -0.126635302, 0.0202748919, 0.143272555 };
static const double layer_edges_94[] = {
	0.225, 0.414285714 };
static const double layer_terms_94[] = {
	0, -0.191382541, 0.0290634884, 0.17193071 };
static const double layer_edges_95[] = {
	-0.0521776794, -0.0305918249, -0.00736234304 };
static const double layer_terms_95[] = {
	0, 0.206317255, 0.168198503, 0.127021675, -0.0718314039 };
static const double layer_edges_96[] = {
	-0.730602592, 1.53270175 };
static const double layer_terms_96[] = {
	0, -0.34506029, -0.291768707, 0.691917118 };
static const double layer_edges_97[] = {
	0.535714286 };
static const double layer_terms_97[] = {
	0, 0.0671310709, -0.0744085596 };
static const double layer_edges_98[] = {
	-0.266237612, -0.125488155, -0.0733038568, -0.046204616, 0.0112155613, 0.0784759492 };
static const double layer_terms_98[] = {
	0, 0.432434528, 0.270319246, 0.19633866, 0.0374054265, -0.0114649222, -0.045983685, -0.0974083697 };
static const double layer_edges_99[] = {
	-0.023448469 };
static const double layer_terms_99[] = {
	0, 0.0514538047, -0.0325522865 };
static const double layer_edges_100[] = {
	-1.97991887 };
static const double layer_terms_100[] = {
	0, 0.237693962, -0.047009125 };
static const double layer_edges_101[] = {
	-0.334301073, -0.272120443, -0.0912138186, -0.0413709638, 0.0272404779 };
static const double layer_terms_101[] = {
	0, 0.406730867, 0.278809366, 0.0444486984, 0.00842741756, -0.0261744752, -0.107927835 };
static const double layer_edges_102[] = {
	0.273132519 };
static const double layer_terms_102[] = {
	0, -0.00970423656, 0.0266753353 };
static const double layer_edges_103[] = {
	0.928571429 };
static const double layer_terms_103[] = {
	0, -0.143510241, 0.147756803 };
static const double layer_edges_104[] = {
	1.57130062 };
static const double layer_terms_104[] = {
	0, -0.00784371875, 0.0106110253 };
static const double layer_edges_105[] = {
	-1.61345924 };
static const double layer_terms_105[] = {
	0, 0.447378672, -0.0427775133 };
static const double layer_edges_106[] = {
	-0.960251927, 0.820105159, 1.02955904, 1.32300363, 2.22641658 };
static const double layer_terms_106[] = {
	0, -0.141411784, -0.0151909385, 0.0186565836, 0.0893060029, 0.246091157, 0.545771843 };
static const double layer_edges_107[] = {
	2.35679517 };
static const double layer_terms_107[] = {
	0, -0.0360185607, 0.0516576346 };
static const double layer_edges_108[] = {
	-1.55328229, -0.111827749 };
static const double layer_terms_108[] = {
	0, -0.0409314837, -0.0077585126, 0.0192339684 };
static const double layer_edges_109[] = {
	0.188087774 };
static const double layer_terms_109[] = {
	0, -0.00586217101, 0.0237643353 };
static const double layer_edges_110[] = {
	0.666666667, 0.75, 1 };
static const double layer_terms_110[] = {
	0, -0.060146578, 0.105451511, 0.181212196, 0.280056978 };
static const double layer_edges_111[] = {
	-0.840099215, -0.526329729, 0.14063089, 0.370418817 };
static const double layer_terms_111[] = {
	0, 0.217487859, 0.101280022, 0.0321451919, -0.0277622775, -0.129003355 };
static const double layer_edges_112[] = {
	0.225, 0.55 };
static const double layer_terms_112[] = {
	0, 0.0809344955, 0.00812302294, -0.045908624 };
static const double layer_edges_113[] = {
	-1.17430901, -0.606062791 };
static const double layer_terms_113[] = {
	0, 0.314854553, -0.0103225571, -0.0534384218 };
static const double layer_edges_114[] = {
	-2.10785179, 0.00812969938 };
static const double layer_terms_114[] = {
	0, 0.301091285, 0.0130797364, -0.0538259936 };
static const double layer_edges_115[] = {
	0.55 };
static const double layer_terms_115[] = {
	0, 0.0319372999, -0.0324329335 };
static const double layer_edges_116[] = {
	0.25 };
static const double layer_terms_116[] = {
	0, -0.0406377386, 0.0680561007 };
static const double layer_edges_117[] = {
	1.35501355, 2.94117647 };
static const double layer_terms_117[] = {
	0, -0.0442788228, -0.0208766342, 0.454249758 };
static const double layer_edges_118[] = {
	0.38846619 };
static const double layer_terms_118[] = {
	0, -0.0376881987, 0.121091267 };
static const double layer_edges_119[] = {
	0 };
static const double layer_terms_119[] = {
	0, 0.0157574203, -0.00695872818 };
static const double layer_edges_120[] = {
	0.0294029218, 0.212551681, 0.258954948 };
static const double layer_terms_120[] = {
	0, 0.413863929, 0.294703717, -0.0865007063, -0.131545917 };
static const double layer_edges_121[] = {
	1.62146545, 1.99395605, 2.78957126 };
static const double layer_terms_121[] = {
	0, -0.0409362503, 0.264969155, 0.300418061, 0.351367286 };
static const double layer_edges_122[] = {
	-0.266145447 };
static const double layer_terms_122[] = {
	0, -0.184872083, 0.0444697891 };
static const double layer_edges_123[] = {
	-0.917423727, 0.505637345 };
static const double layer_terms_123[] = {
	0, 0.0621057284, 0.0358348729, -0.0482801569 };
static const double layer_edges_124[] = {
	0.0714285714 };
static const double layer_terms_124[] = {
	0, 0.0364576845, -0.00921846546 };
static const double layer_edges_125[] = {
	-0.0539463924, 0.0854994469 };
static const double layer_terms_125[] = {
	0, -0.0362455817, -0.015646389, 0.0218969556 };
static const double layer_edges_126[] = {
	-0.857938532 };
static const double layer_terms_126[] = {
	0, 0.20413258, -0.030941141 };
static const double layer_edges_127[] = {
	-1.31114543 };
static const double layer_terms_127[] = {
	0, 0.100093007, 0.00582565349 };
static const double layer_edges_128[] = {
	-0.938321772, 0.988262296 };
static const double layer_terms_128[] = {
	0, 0.160112348, 0.0588392961, -0.0428093319 };
static const double layer_edges_129[] = {
	0.824927413 };
static const double layer_terms_129[] = {
	0, -0.0100362107, 0.0321169504 };
static const double layer_edges_130[] = {
	0.6125 };
static const double layer_terms_130[] = {
	0, -0.127665978, 0.169332365 };
static const double layer_edges_131[] = {
	1.2157147 };
static const double layer_terms_131[] = {
	0, -0.00249633009, 0.022199303 };
static const double layer_edges_132[] = {
	0.857142857 };
static const double layer_terms_132[] = {
	0, -0.0203088293, 0.121698299 };
static const double layer_edges_133[] = {
	1 };
static const double layer_terms_133[] = {
	0, -0.0367240566, 0.171506056 };
static const double layer_edges_134[] = {
	-0.152850399, -0.0833333333, 0.1375 };
static const double layer_terms_134[] = {
	0, -0.152932999, -0.0477755989, 0.0427180837, 0.0780357322 };
static const double layer_edges_135[] = {
	0.5 };
static const double layer_terms_135[] = {
	0, -0.0335352104, 0.026585776 };
static const double layer_edges_136[] = {
	0.775 };
static const double layer_terms_136[] = {
	0, -0.14139197, 0.392582673 };
static const double layer_edges_137[] = {
	0.0788498775 };
static const double layer_terms_137[] = {
	0, -0.00612133827, 0.0519221605 };
static const double layer_edges_138[] = {
	0.209037632 };
static const double layer_terms_138[] = {
	0, -0.125673042, 0.248910479 };
static const double layer_edges_139[] = {
	0.666666667, 1 };
static const double layer_terms_139[] = {
	0, -0.0556070704, 0.0185065938, 0.240038263 };
static const double layer_edges_140[] = {
	0.102774357, 0.150230748 };
static const double layer_terms_140[] = {
	0, 0.0590967532, 0.0303376768, -0.0712014801 };
static const double layer_edges_141[] = {
	-0.0355043177 };
static const double layer_terms_141[] = {
	0, -0.0913698237, 0.193436414 };
static const double layer_edges_142[] = {
	0.808123262 };
static const double layer_terms_142[] = {
	0, -0.0192026337, 0.0936235785 };
static const double layer_edges_143[] = {
	-0.29477814 };
static const double layer_terms_143[] = {
	0, 0.0150324129, -0.00649115196 };
static const double layer_edges_144[] = {
	0.366666667 };
static const double layer_terms_144[] = {
	0, 0.0130045414, -0.0072753744 };

const gd_fusion_column gd_fusion_columns[] = {
	{ GD_FIGURE_HAS_KERNEL, GD_AS_IT_IS, GD_ALONE, 1, layer_edges_0, layer_terms_0 },
	{ GD_FIGURE_CONTRACT, GD_AS_IT_IS, GD_ALONE, 2, layer_edges_1, layer_terms_1 },
	{ GD_FIGURE_SPREAD, GD_AS_IT_IS, GD_ALONE, 1, layer_edges_2, layer_terms_2 },
	{ GD_FIGURE_OFFSET, GD_AS_IT_IS, GD_ALONE, 1, layer_edges_3, layer_terms_3 },
	{ GD_FIGURE_OUTSIDE_RANGE, GD_AS_IT_IS, GD_ALONE, 1, layer_edges_4, layer_terms_4 },
	{ GD_FIGURE_ODD, GD_AS_IT_IS, GD_ALONE, 3, layer_edges_5, layer_terms_5 },
	{ GD_FIGURE_ODD_SUM, GD_AS_IT_IS, GD_ALONE, 3, layer_edges_6, layer_terms_6 },
	{ GD_FIGURE_NARROW, GD_AS_IT_IS, GD_AMONG, 1, layer_edges_7, layer_terms_7 },
	{ GD_FIGURE_DEAD, GD_AS_IT_IS, GD_AMONG, 1, layer_edges_8, layer_terms_8 },
	{ GD_FIGURE_ZERO, GD_AS_IT_IS, GD_AMONG, 3, layer_edges_9, layer_terms_9 },
	{ GD_FIGURE_GAIN, GD_AS_IT_IS, GD_AMONG, 2, layer_edges_10, layer_terms_10 },
	{ GD_FIGURE_GAIN, GD_AS_IT_IS, GD_PLACE, 1, layer_edges_11, layer_terms_11 },
	{ GD_FIGURE_GAIN, GD_OVER_BEFORE, GD_ALONE, 2, layer_edges_12, layer_terms_12 },
	{ GD_FIGURE_GAIN, GD_OVER_AFTER, GD_ALONE, 3, layer_edges_13, layer_terms_13 },
	{ GD_FIGURE_RANK, GD_AS_IT_IS, GD_AMONG, 1, layer_edges_14, layer_terms_14 },
	{ GD_FIGURE_RANK, GD_OVER_BEFORE, GD_ALONE, 1, layer_edges_15, layer_terms_15 },
	{ GD_FIGURE_RANK, GD_OVER_BEFORE, GD_AMONG, 3, layer_edges_16, layer_terms_16 },
	{ GD_FIGURE_RANK, GD_OVER_AFTER, GD_ALONE, 1, layer_edges_17, layer_terms_17 },
	{ GD_FIGURE_RANK, GD_OVER_AFTER, GD_PLACE, 1, layer_edges_18, layer_terms_18 },
	{ GD_FIGURE_RANK_LOST, GD_AS_IT_IS, GD_ALONE, 4, layer_edges_19, layer_terms_19 },
	{ GD_FIGURE_RANK_LOST, GD_AS_IT_IS, GD_AMONG, 1, layer_edges_20, layer_terms_20 },
	{ GD_FIGURE_ON_SPREAD, GD_AS_IT_IS, GD_ALONE, 4, layer_edges_21, layer_terms_21 },
	{ GD_FIGURE_KNOWS, GD_AS_IT_IS, GD_ALONE, 1, layer_edges_22, layer_terms_22 },
	{ GD_FIGURE_KNOWS_ERROR, GD_AS_IT_IS, GD_ALONE, 1, layer_edges_23, layer_terms_23 },
	{ GD_FIGURE_KNOWS_ERROR, GD_AS_IT_IS, GD_PLACE, 2, layer_edges_24, layer_terms_24 },
	{ GD_FIGURE_KNOWS_ERROR, GD_OVER_BEFORE, GD_ALONE, 2, layer_edges_25, layer_terms_25 },
	{ GD_FIGURE_KNOWS_ERROR, GD_OVER_BEFORE, GD_AMONG, 2, layer_edges_26, layer_terms_26 },
	{ GD_FIGURE_LOST, GD_AS_IT_IS, GD_ALONE, 1, layer_edges_27, layer_terms_27 },
	{ GD_FIGURE_LOST, GD_AS_IT_IS, GD_PLACE, 1, layer_edges_28, layer_terms_28 },
	{ GD_FIGURE_SORTS, GD_OVER_BEFORE, GD_ALONE, 3, layer_edges_29, layer_terms_29 },
	{ GD_FIGURE_SORTS, GD_OVER_BEFORE, GD_AMONG, 2, layer_edges_30, layer_terms_30 },
	{ GD_FIGURE_SORTS, GD_OVER_BEFORE, GD_PLACE, 1, layer_edges_31, layer_terms_31 },
	{ GD_FIGURE_SORTS, GD_OVER_AFTER, GD_AMONG, 2, layer_edges_32, layer_terms_32 },
	{ GD_FIGURE_SORTS, GD_OVER_AFTER, GD_PLACE, 1, layer_edges_33, layer_terms_33 },
	{ GD_FIGURE_DRIFT, GD_AS_IT_IS, GD_ALONE, 1, layer_edges_34, layer_terms_34 },
	{ GD_FIGURE_WIDTH, GD_AS_IT_IS, GD_ALONE, 1, layer_edges_35, layer_terms_35 },
	{ GD_FIGURE_WIDTH, GD_AS_IT_IS, GD_AMONG, 4, layer_edges_36, layer_terms_36 },
	{ GD_FIGURE_WIDTH, GD_OVER_AFTER, GD_ALONE, 2, layer_edges_37, layer_terms_37 },
	{ GD_FIGURE_WIDTH, GD_OVER_AFTER, GD_AMONG, 1, layer_edges_38, layer_terms_38 },
	{ GD_FIGURE_PEAK, GD_AS_IT_IS, GD_ALONE, 1, layer_edges_39, layer_terms_39 },
	{ GD_FIGURE_PEAK, GD_AS_IT_IS, GD_AMONG, 2, layer_edges_40, layer_terms_40 },
	{ GD_FIGURE_PEAK, GD_AS_IT_IS, GD_PLACE, 1, layer_edges_41, layer_terms_41 },
	{ GD_FIGURE_TAILS, GD_AS_IT_IS, GD_ALONE, 5, layer_edges_42, layer_terms_42 },
	{ GD_FIGURE_TAILS, GD_AS_IT_IS, GD_PLACE, 1, layer_edges_43, layer_terms_43 },
	{ GD_FIGURE_NORMAL, GD_AS_IT_IS, GD_ALONE, 2, layer_edges_44, layer_terms_44 },
	{ GD_FIGURE_NORMAL, GD_AS_IT_IS, GD_AMONG, 3, layer_edges_45, layer_terms_45 },
	{ GD_FIGURE_BEYOND, GD_AS_IT_IS, GD_ALONE, 1, layer_edges_46, layer_terms_46 },
	{ GD_FIGURE_BEYOND, GD_AS_IT_IS, GD_AMONG, 3, layer_edges_47, layer_terms_47 },
	{ GD_FIGURE_VALUES, GD_AS_IT_IS, GD_ALONE, 4, layer_edges_48, layer_terms_48 },
	{ GD_FIGURE_VALUES, GD_AS_IT_IS, GD_AMONG, 2, layer_edges_49, layer_terms_49 },
	{ GD_FIGURE_VALUES, GD_AS_IT_IS, GD_PLACE, 1, layer_edges_50, layer_terms_50 },
	{ GD_FIGURE_ZEROS, GD_AS_IT_IS, GD_AMONG, 1, layer_edges_51, layer_terms_51 },
	{ GD_FIGURE_ZEROS, GD_AS_IT_IS, GD_PLACE, 1, layer_edges_52, layer_terms_52 },
	{ GD_FIGURE_WEAKEST, GD_AS_IT_IS, GD_ALONE, 1, layer_edges_53, layer_terms_53 },
	{ GD_FIGURE_WEAKEST, GD_AS_IT_IS, GD_AMONG, 2, layer_edges_54, layer_terms_54 },
	{ GD_FIGURE_STRONGEST, GD_AS_IT_IS, GD_ALONE, 3, layer_edges_55, layer_terms_55 },
	{ GD_FIGURE_STRONGEST, GD_AS_IT_IS, GD_AMONG, 1, layer_edges_56, layer_terms_56 },
	{ GD_FIGURE_STRONGEST, GD_AS_IT_IS, GD_PLACE, 1, layer_edges_57, layer_terms_57 },
	{ GD_FIGURE_TWO_KINDS, GD_AS_IT_IS, GD_ALONE, 2, layer_edges_58, layer_terms_58 },
	{ GD_FIGURE_ROWS, GD_AS_IT_IS, GD_ALONE, 2, layer_edges_59, layer_terms_59 },
	{ GD_FIGURE_ROWS, GD_AS_IT_IS, GD_AMONG, 1, layer_edges_60, layer_terms_60 },
	{ GD_FIGURE_SINGULAR, GD_AS_IT_IS, GD_ALONE, 1, layer_edges_61, layer_terms_61 },
	{ GD_FIGURE_SINGULAR, GD_AS_IT_IS, GD_AMONG, 1, layer_edges_62, layer_terms_62 },
	{ GD_FIGURE_SINGULAR, GD_AS_IT_IS, GD_PLACE, 2, layer_edges_63, layer_terms_63 },
	{ GD_FIGURE_FLATNESS, GD_AS_IT_IS, GD_AMONG, 1, layer_edges_64, layer_terms_64 },
	{ GD_FIGURE_ALIKE, GD_AS_IT_IS, GD_AMONG, 1, layer_edges_65, layer_terms_65 },
	{ GD_FIGURE_ALIKE, GD_AS_IT_IS, GD_PLACE, 1, layer_edges_66, layer_terms_66 },
	{ GD_FIGURE_SKEW, GD_AS_IT_IS, GD_ALONE, 1, layer_edges_67, layer_terms_67 },
	{ GD_FIGURE_SKEW, GD_AS_IT_IS, GD_AMONG, 1, layer_edges_68, layer_terms_68 },
	{ GD_FIGURE_SKEW, GD_AS_IT_IS, GD_PLACE, 1, layer_edges_69, layer_terms_69 },
	{ GD_FIGURE_TABLE, GD_AS_IT_IS, GD_ALONE, 2, layer_edges_70, layer_terms_70 },
	{ GD_FIGURE_BIAS_MEAN, GD_AS_IT_IS, GD_AMONG, 1, layer_edges_71, layer_terms_71 },
	{ GD_FIGURE_BIAS_SHIFT, GD_AS_IT_IS, GD_AMONG, 1, layer_edges_72, layer_terms_72 },
	{ GD_FIGURE_BIAS_PEAK, GD_AS_IT_IS, GD_ALONE, 1, layer_edges_73, layer_terms_73 },
	{ GD_FIGURE_BIAS_SUM, GD_AS_IT_IS, GD_AMONG, 1, layer_edges_74, layer_terms_74 },
	{ GD_FIGURE_BIAS_SUM, GD_AS_IT_IS, GD_PLACE, 1, layer_edges_75, layer_terms_75 },
	{ GD_FIGURE_BIAS_SUM, GD_OVER_BEFORE, GD_AMONG, 1, layer_edges_76, layer_terms_76 },
	{ GD_FIGURE_BIAS_SUM, GD_OVER_AFTER, GD_ALONE, 2, layer_edges_77, layer_terms_77 },
	{ GD_FIGURE_BIAS_TOP, GD_AS_IT_IS, GD_ALONE, 3, layer_edges_78, layer_terms_78 },
	{ GD_FIGURE_BIAS_TOP, GD_AS_IT_IS, GD_AMONG, 2, layer_edges_79, layer_terms_79 },
	{ GD_FIGURE_BIAS_AHEAD, GD_AS_IT_IS, GD_ALONE, 4, layer_edges_80, layer_terms_80 },
	{ GD_FIGURE_BIAS_AHEAD, GD_AS_IT_IS, GD_AMONG, 4, layer_edges_81, layer_terms_81 },
	{ GD_FIGURE_BIAS_FRESH, GD_AS_IT_IS, GD_ALONE, 1, layer_edges_82, layer_terms_82 },
	{ GD_FIGURE_BIAS_FRESH, GD_AS_IT_IS, GD_AMONG, 3, layer_edges_83, layer_terms_83 },
	{ GD_FIGURE_BIAS_MOVED, GD_OVER_AFTER, GD_ALONE, 4, layer_edges_84, layer_terms_84 },
	{ GD_FIGURE_BIAS_MOVED, GD_OVER_AFTER, GD_AMONG, 1, layer_edges_85, layer_terms_85 },
	{ GD_FIGURE_BIAS_NOISE, GD_AS_IT_IS, GD_ALONE, 3, layer_edges_86, layer_terms_86 },
	{ GD_FIGURE_BIAS_NOISE, GD_AS_IT_IS, GD_AMONG, 1, layer_edges_87, layer_terms_87 },
	{ GD_FIGURE_BIAS_DRIVE, GD_AS_IT_IS, GD_ALONE, 3, layer_edges_88, layer_terms_88 },
	{ GD_FIGURE_BIAS_DRIVE, GD_AS_IT_IS, GD_AMONG, 2, layer_edges_89, layer_terms_89 },
	{ GD_FIGURE_BIAS_DRIVE, GD_AS_IT_IS, GD_PLACE, 2, layer_edges_90, layer_terms_90 },
	{ GD_FIGURE_BIAS_DRIVE, GD_OVER_BEFORE, GD_ALONE, 1, layer_edges_91, layer_terms_91 },
	{ GD_FIGURE_BIAS_DRIVE, GD_OVER_AFTER, GD_ALONE, 3, layer_edges_92, layer_terms_92 },
	{ GD_FIGURE_BIAS_SIZE, GD_AS_IT_IS, GD_AMONG, 2, layer_edges_93, layer_terms_93 },
	{ GD_FIGURE_BIAS_SIZE, GD_AS_IT_IS, GD_PLACE, 2, layer_edges_94, layer_terms_94 },
	{ GD_FIGURE_IN_SHAPE, GD_OVER_BEFORE, GD_ALONE, 3, layer_edges_95, layer_terms_95 },
	{ GD_FIGURE_IN_SHAPE, GD_OVER_AFTER, GD_AMONG, 2, layer_edges_96, layer_terms_96 },
	{ GD_FIGURE_IN_ANGLE, GD_AS_IT_IS, GD_PLACE, 1, layer_edges_97, layer_terms_97 },
	{ GD_FIGURE_IN_ANGLE, GD_OVER_BEFORE, GD_ALONE, 6, layer_edges_98, layer_terms_98 },
	{ GD_FIGURE_IN_ANGLE, GD_OVER_BEFORE, GD_AMONG, 1, layer_edges_99, layer_terms_99 },
	{ GD_FIGURE_IN_DIRECTIONS, GD_AS_IT_IS, GD_AMONG, 1, layer_edges_100, layer_terms_100 },
	{ GD_FIGURE_IN_DIRECTIONS, GD_OVER_BEFORE, GD_ALONE, 5, layer_edges_101, layer_terms_101 },
	{ GD_FIGURE_IN_DIRECTIONS, GD_OVER_AFTER, GD_ALONE, 1, layer_edges_102, layer_terms_102 },
	{ GD_FIGURE_IN_DIRECTIONS, GD_OVER_AFTER, GD_PLACE, 1, layer_edges_103, layer_terms_103 },
	{ GD_FIGURE_IN_SIGNAL, GD_AS_IT_IS, GD_ALONE, 1, layer_edges_104, layer_terms_104 },
	{ GD_FIGURE_IN_SIGNAL, GD_OVER_BEFORE, GD_ALONE, 1, layer_edges_105, layer_terms_105 },
	{ GD_FIGURE_IN_SIGNAL, GD_OVER_AFTER, GD_ALONE, 5, layer_edges_106, layer_terms_106 },
	{ GD_FIGURE_IN_SIGNAL, GD_OVER_AFTER, GD_AMONG, 1, layer_edges_107, layer_terms_107 },
	{ GD_FIGURE_IN_GAIN, GD_OVER_AFTER, GD_ALONE, 2, layer_edges_108, layer_terms_108 },
	{ GD_FIGURE_IN_OFF, GD_AS_IT_IS, GD_AMONG, 1, layer_edges_109, layer_terms_109 },
	{ GD_FIGURE_IN_OFF, GD_AS_IT_IS, GD_PLACE, 3, layer_edges_110, layer_terms_110 },
	{ GD_FIGURE_TO_SHAPE, GD_AS_IT_IS, GD_AMONG, 4, layer_edges_111, layer_terms_111 },
	{ GD_FIGURE_TO_SHAPE, GD_AS_IT_IS, GD_PLACE, 2, layer_edges_112, layer_terms_112 },
	{ GD_FIGURE_TO_SIGNAL, GD_AS_IT_IS, GD_AMONG, 2, layer_edges_113, layer_terms_113 },
	{ GD_FIGURE_TO_SIZE, GD_AS_IT_IS, GD_AMONG, 2, layer_edges_114, layer_terms_114 },
	{ GD_FIGURE_TO_SIZE, GD_AS_IT_IS, GD_PLACE, 1, layer_edges_115, layer_terms_115 },
	{ GD_FIGURE_TO_AGAINST, GD_AS_IT_IS, GD_ALONE, 1, layer_edges_116, layer_terms_116 },
	{ GD_FIGURE_TO_AGAINST, GD_AS_IT_IS, GD_AMONG, 2, layer_edges_117, layer_terms_117 },
	{ GD_FIGURE_TO_BIAS, GD_AS_IT_IS, GD_ALONE, 1, layer_edges_118, layer_terms_118 },
	{ GD_FIGURE_FROM_SHAPE, GD_AS_IT_IS, GD_AMONG, 1, layer_edges_119, layer_terms_119 },
	{ GD_FIGURE_FROM_BIAS, GD_AS_IT_IS, GD_ALONE, 3, layer_edges_120, layer_terms_120 },
	{ GD_FIGURE_FROM_NORM, GD_AS_IT_IS, GD_ALONE, 3, layer_edges_121, layer_terms_121 },
	{ GD_FIGURE_FROM_SIZE, GD_AS_IT_IS, GD_ALONE, 1, layer_edges_122, layer_terms_122 },
	{ GD_FIGURE_FROM_SIZE, GD_AS_IT_IS, GD_AMONG, 2, layer_edges_123, layer_terms_123 },
	{ GD_FIGURE_FROM_SIZE, GD_AS_IT_IS, GD_PLACE, 1, layer_edges_124, layer_terms_124 },
	{ GD_FIGURE_STRUCTURE, GD_AS_IT_IS, GD_ALONE, 2, layer_edges_125, layer_terms_125 },
	{ GD_FIGURE_STRUCTURE, GD_OVER_BEFORE, GD_ALONE, 1, layer_edges_126, layer_terms_126 },
	{ GD_FIGURE_STRUCTURE, GD_OVER_AFTER, GD_ALONE, 1, layer_edges_127, layer_terms_127 },
	{ GD_FIGURE_STRUCTURE, GD_OVER_AFTER, GD_AMONG, 2, layer_edges_128, layer_terms_128 },
	{ GD_FIGURE_PUSHES_ERROR, GD_AS_IT_IS, GD_AMONG, 1, layer_edges_129, layer_terms_129 },
	{ GD_FIGURE_PUSHES_ERROR, GD_AS_IT_IS, GD_PLACE, 1, layer_edges_130, layer_terms_130 },
	{ GD_FIGURE_AGAINST, GD_AS_IT_IS, GD_AMONG, 1, layer_edges_131, layer_terms_131 },
	{ GD_FIGURE_AGAINST, GD_AS_IT_IS, GD_PLACE, 1, layer_edges_132, layer_terms_132 },
	{ GD_FIGURE_AGAINST, GD_OVER_BEFORE, GD_PLACE, 1, layer_edges_133, layer_terms_133 },
	{ GD_FIGURE_AGAINST, GD_OVER_AFTER, GD_ALONE, 3, layer_edges_134, layer_terms_134 },
	{ GD_FIGURE_AGAINST, GD_OVER_AFTER, GD_PLACE, 1, layer_edges_135, layer_terms_135 },
	{ GD_FIGURE_AGREES, GD_OVER_BEFORE, GD_PLACE, 1, layer_edges_136, layer_terms_136 },
	{ GD_FIGURE_AGREES, GD_OVER_AFTER, GD_ALONE, 1, layer_edges_137, layer_terms_137 },
	{ GD_FIGURE_SPLIT, GD_AS_IT_IS, GD_ALONE, 1, layer_edges_138, layer_terms_138 },
	{ GD_FIGURE_SPLIT, GD_AS_IT_IS, GD_PLACE, 2, layer_edges_139, layer_terms_139 },
	{ GD_FIGURE_SLOPE, GD_OVER_BEFORE, GD_ALONE, 2, layer_edges_140, layer_terms_140 },
	{ GD_FIGURE_SLOPE, GD_OVER_AFTER, GD_ALONE, 1, layer_edges_141, layer_terms_141 },
	{ GD_FIGURE_SLOPE, GD_OVER_AFTER, GD_AMONG, 1, layer_edges_142, layer_terms_142 },
	{ GD_FIGURE_SLOPE_ERROR, GD_AS_IT_IS, GD_AMONG, 1, layer_edges_143, layer_terms_143 },
	{ GD_FIGURE_SLOPE_ERROR, GD_AS_IT_IS, GD_PLACE, 1, layer_edges_144, layer_terms_144 },
};
const size_t gd_fusion_column_count = 145;

const double gd_fusion_outside_start = -0.0878025963;
static const double outside_edges_0[] = {
	0.0137591005, 4.41406841 };
static const double outside_terms_0[] = {
	0, -0.229579405, 0.374435886, 0.43743137 };
static const double outside_edges_1[] = {
	0.469763844, 0.658582804, 0.823203007 };
static const double outside_terms_1[] = {
	0, -0.906817767, 0.057677459, 0.434199309, 0.656523661 };
static const double outside_edges_2[] = {
	0.361848401 };
static const double outside_terms_2[] = {
	0, -0.00391722695, 0.00466165116 };
static const double outside_edges_3[] = {
	0.334266577, 0.774828843 };
static const double outside_terms_3[] = {
	0, 0.729750016, -0.175930246, -0.184428539 };
static const double outside_edges_4[] = {
	-0.105732882, -0.0028046695, 0.103908824, 0.393546237 };
static const double outside_terms_4[] = {
	0, 0.392343623, 0.400984814, 0.389301181, -0.542585712, -1.90230631 };
static const double outside_edges_5[] = {
	0.345833333 };
static const double outside_terms_5[] = {
	0, 0.318680452, -0.413708328 };
static const double outside_edges_6[] = {
	-0.0166666667 };
static const double outside_terms_6[] = {
	0, 0.0699283322, -0.0590793282 };
static const double outside_edges_7[] = {
	0.000811231831, 0.114223665, 0.767146934, 0.870189116 };
static const double outside_terms_7[] = {
	0, -0.442692529, -0.076374337, -0.383335004, -0.324761404, 0.31102802 };
static const double outside_edges_8[] = {
	0.000814958313, 0.249698441, 0.907889894 };
static const double outside_terms_8[] = {
	0, -0.865896054, -0.491138916, -0.513351231, 0.611160304 };
static const double outside_edges_9[] = {
	-2.74814932, -2.18920349, -0.412077291 };
static const double outside_terms_9[] = {
	0, 0.239194564, 0.0573551155, -0.0642385481, -0.0177346823 };
static const double outside_edges_10[] = {
	2.19101332 };
static const double outside_terms_10[] = {
	0, 0.107304436, -1.15951649 };
static const double outside_edges_11[] = {
	-3.18931702, -1.98248733 };
static const double outside_terms_11[] = {
	0, 0.443288449, 0.0960233015, -0.329133047 };
static const double outside_edges_12[] = {
	-0.923237695, -0.0781747703, -0.0220199533 };
static const double outside_terms_12[] = {
	0, -0.0151220453, -0.0343780735, -0.00667133417, 0.0755609259 };
static const double outside_edges_13[] = {
	0.125, 0.171875 };
static const double outside_terms_13[] = {
	0, 0.329133518, 0.245838635, -0.466520708 };
const gd_fusion_outside gd_fusion_outsides[] = {
	{ GD_OUTSIDE_INPUT_SIZE, 2, outside_edges_0, outside_terms_0 },
	{ GD_OUTSIDE_INPUT_KNOWS, 3, outside_edges_1, outside_terms_1 },
	{ GD_OUTSIDE_OUTPUT_KNOWS, 1, outside_edges_2, outside_terms_2 },
	{ GD_OUTSIDE_BEST_KNOWS, 2, outside_edges_3, outside_terms_3 },
	{ GD_OUTSIDE_FIT, 4, outside_edges_4, outside_terms_4 },
	{ GD_OUTSIDE_ACCURACY, 1, outside_edges_5, outside_terms_5 },
	{ GD_OUTSIDE_OVER_CHANCE, 1, outside_edges_6, outside_terms_6 },
	{ GD_OUTSIDE_SURE_FAILED, 4, outside_edges_7, outside_terms_7 },
	{ GD_OUTSIDE_SURE, 3, outside_edges_8, outside_terms_8 },
	{ GD_OUTSIDE_MOVED, 3, outside_edges_9, outside_terms_9 },
	{ GD_OUTSIDE_CLASSES, 1, outside_edges_10, outside_terms_10 },
	{ GD_OUTSIDE_SHIFT, 2, outside_edges_11, outside_terms_11 },
	{ GD_OUTSIDE_SPREAD, 3, outside_edges_12, outside_terms_12 },
	{ GD_OUTSIDE_SATURATION, 2, outside_edges_13, outside_terms_13 },
};
const size_t gd_fusion_outside_count = 14;
